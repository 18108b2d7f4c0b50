package dev.lanewise.internal.tokenizer;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.GgufVocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The tokenizer in the metadata of a GGUF file: byte-level BPE as GPT-2's. */
final class GgufTokenizer {

  private GgufTokenizer() {}

  /**
   * The tokenizer of a file's metadata.
   *
   * @param specials tokens that are special beside those that the file marks
   */
  static Tokenizer read(
      GgufVocabulary vocabulary, List<String> specials, Preprocessing preprocessing)
      throws IOException {
    BpeFactory factory = new BpeFactory(vocabulary.pieces());
    factory.requireNoPreprocessing(preprocessing);
    for (GgufVocabulary.Added token : vocabulary.added()) {
      factory.add(
          new AddedToken(token.id(), token.content(), false, false, false, false, token.special()),
          vocabulary.pieces());
    }
    for (String special : specials) {
      factory.addSpecial(special);
    }
    factory.single = template(vocabulary);
    List<BpeFactory.Merge> merges = new ArrayList<>(vocabulary.merges().size());
    for (String line : vocabulary.merges()) {
      int space = line.indexOf(' ');
      if (space < 1 || space != line.lastIndexOf(' ') || space == line.length() - 1) {
        throw vocabulary.mergeError(merges.size(), "is not two pieces with a space between");
      }
      merges.add(new BpeFactory.Merge(line.substring(0, space), line.substring(space + 1)));
    }
    return factory.create(merges, vocabulary::mergeError);
  }

  private static Template template(GgufVocabulary vocabulary) {
    List<Integer> items = new ArrayList<>();
    addIf(vocabulary.addBos(), vocabulary.bos(), items);
    items.add(Template.FIRST);
    addIf(vocabulary.addEos(), vocabulary.eos(), items);
    return new Template(items.stream().mapToInt(Integer::intValue).toArray());
  }

  private static void addIf(boolean wanted, OptionalInt id, List<Integer> items) {
    if (wanted && id.isPresent()) {
      items.add(id.getAsInt());
    }
  }
}
