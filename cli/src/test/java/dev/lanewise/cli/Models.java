package dev.lanewise.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The models that ship, and broken copies of them. */
final class Models {

  static final String INTENTS = locate(ShippedModel.INTENTS).toString();
  static final String LANGUAGE = locate(ShippedModel.LANGUAGE).toString();

  /** The root of the project. */
  static final Path ROOT = locate(ShippedModel.INTENTS).resolve("../..").normalize();

  private static final List<String> TOKENIZER =
      List.of("tokenizer.json", "vocab.json", "merges.txt");

  private Models() {}

  private static Path locate(ShippedModel model) {
    try {
      return model.locate().toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder with the intents model's config and tokenizer, but these weights. */
  static Path withWeights(Path folder, byte[] weights) throws IOException {
    Files.createDirectories(folder);
    copy("config.json", folder);
    for (String file : TOKENIZER) {
      copy(file, folder);
    }
    Files.write(folder.resolve("model.safetensors"), weights);
    return folder;
  }

  /** A folder with the intents model's weights, without some files. */
  static Path without(Path folder, List<String> missing) throws IOException {
    withWeights(folder, weights());
    for (String file : missing) {
      Files.delete(folder.resolve(file));
    }
    return folder;
  }

  static Path withoutTokenizer(Path folder) throws IOException {
    return without(folder, TOKENIZER);
  }

  static byte[] weights() throws IOException {
    return Files.readAllBytes(Path.of(INTENTS, "model.safetensors"));
  }

  /** The weights of the intents model, all of them float16 NaN. */
  static byte[] weightsOfNaN() throws IOException {
    byte[] file = weights();
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    short nan = 0x7e00;
    for (int at = Math.toIntExact(8 + bytes.getLong(0)); at < file.length; at += 2) {
      bytes.putShort(at, nan);
    }
    return file;
  }

  private static void copy(String file, Path folder) throws IOException {
    Files.copy(Path.of(INTENTS, file), folder.resolve(file));
  }
}
