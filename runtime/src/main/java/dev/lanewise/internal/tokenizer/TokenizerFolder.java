package dev.lanewise.internal.tokenizer;

import dev.lanewise.Tokenizer;
import dev.lanewise.loader.Json;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Finds the tokenizer of a model folder, under the names of today and of the original releases. */
public final class TokenizerFolder {

  /** A vocabulary and its list of merges. */
  private record Names(String vocabulary, String merges) {}

  private static final List<Names> NAMES =
      List.of(
          new Names("vocab.json", "merges.txt"),
          new Names("encoder.json", "vocab.bpe"),
          new Names("encoder_bpe_40000.json", "vocab_40000.bpe"));

  private TokenizerFolder() {}

  /**
   * Opens a folder's tokenizer.
   *
   * @param specials tokens that are special beside those that the files name
   * @throws NoSuchFileException if the folder, or a tokenizer in it, is missing
   */
  public static Tokenizer open(Path folder, List<String> specials) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "no such folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, "is a file, expected a model folder");
    }
    Path whole = folder.resolve("tokenizer.json");
    if (Files.exists(whole)) {
      return TokenizerJson.read(Json.read(whole).asObject(), specials);
    }
    for (Names names : NAMES) {
      Path vocabulary = folder.resolve(names.vocabulary());
      Path merges = folder.resolve(names.merges());
      if (Files.exists(vocabulary) && Files.exists(merges)) {
        return VocabularyFiles.read(vocabulary, merges, specials);
      }
      if (Files.exists(vocabulary)) {
        throw new NoSuchFileException(
            merges.toString(), null, "no such file, but " + names.vocabulary() + " needs it");
      }
    }
    throw new NoSuchFileException(
        folder.toString(),
        null,
        "holds no tokenizer, expected tokenizer.json, or vocab.json with merges.txt");
  }
}
