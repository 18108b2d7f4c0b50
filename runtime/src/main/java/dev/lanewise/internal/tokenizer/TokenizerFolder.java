package dev.lanewise.internal.tokenizer;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.GgufVocabulary;
import dev.lanewise.loader.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the tokenizer of a model folder, under the names of today and of the original releases. */
public final class TokenizerFolder {

  /** A vocabulary and its list of merges. */
  private record Names(String vocabulary, String merges) {}

  private static final List<Names> NAMES =
      List.of(
          new Names("vocab.json", "merges.txt"),
          new Names("encoder.json", "vocab.bpe"),
          new Names("encoder_bpe_40000.json", "vocab_40000.bpe"));

  /** Beside the weights of the 2018 release. */
  private static final String RELEASE_2018 = "params_shapes.json";

  /** A TensorFlow checkpoint is named without the endings of its files. */
  private static final String INDEX = ".index";

  private TokenizerFolder() {}

  /**
   * Opens the tokenizer of a folder, or of a weight file: that of its metadata if it is GGUF, else
   * that of its folder. In a folder a tokenizer's own files go before the metadata of a GGUF file.
   *
   * @param specials tokens that are special beside those that the files name
   * @param chosen with AUTO the original pre-processing goes with the weights of the 2018 release
   * @throws NoSuchFileException if the path, or a tokenizer there, is missing
   */
  public static Tokenizer open(Path path, List<String> specials, Preprocessing chosen)
      throws IOException {
    if (!Files.exists(path) && !Files.exists(path.resolveSibling(path.getFileName() + INDEX))) {
      throw new NoSuchFileException(path.toString(), null, "no such file or folder");
    }
    boolean file = !Files.isDirectory(path);
    if (file) {
      Optional<GgufVocabulary> vocabulary = GgufVocabulary.read(path);
      if (vocabulary.isPresent()) {
        return GgufTokenizer.read(vocabulary.get(), specials, chosen);
      }
    }
    Path folder = file ? path.resolveSibling("") : path;
    Preprocessing preprocessing =
        chosen == Preprocessing.AUTO && Files.exists(folder.resolve(RELEASE_2018))
            ? Preprocessing.ORIGINAL
            : chosen;
    Path whole = folder.resolve("tokenizer.json");
    if (Files.exists(whole)) {
      return TokenizerJson.read(Json.read(whole).asObject(), specials, preprocessing);
    }
    for (Names names : NAMES) {
      Path vocabulary = folder.resolve(names.vocabulary());
      Path merges = folder.resolve(names.merges());
      if (Files.exists(vocabulary) && Files.exists(merges)) {
        return VocabularyFiles.read(vocabulary, merges, specials, preprocessing);
      }
      if (Files.exists(vocabulary)) {
        throw new NoSuchFileException(
            merges.toString(), null, "no such file, but " + names.vocabulary() + " needs it");
      }
    }
    Optional<GgufVocabulary> vocabulary = file ? Optional.empty() : GgufVocabulary.read(folder);
    if (vocabulary.isPresent()) {
      return GgufTokenizer.read(vocabulary.get(), specials, preprocessing);
    }
    throw new NoSuchFileException(
        folder.toString(),
        null,
        "holds no tokenizer, expected tokenizer.json, vocab.json with merges.txt, or a GGUF file");
  }
}
