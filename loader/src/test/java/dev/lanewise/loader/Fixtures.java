package dev.lanewise.loader;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The checkpoints among the test resources, which the reference wrote. */
final class Fixtures {

  private Fixtures() {}

  /** The folder of one. */
  static Path model(String name) {
    return resource("/models/" + name);
  }

  /** The folder of the 2018 release, without the number of heads. */
  static Path original() {
    return resource("/models-original/openai-original");
  }

  /** A file of the GGUF fixtures. */
  static Path gguf(String name) {
    return resource("/gguf/" + name);
  }

  /** A file that TensorFlow wrote, beside those of {@link #model}. */
  static Path tensorFlow(String name) {
    return resource("/tensorflow/" + name);
  }

  /** Any of the resources. */
  static Path resource(String name) {
    URL url = Objects.requireNonNull(Fixtures.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** All folders with weights. */
  static List<Path> models() throws IOException {
    try (Stream<Path> folders = Files.list(model(""))) {
      return folders.filter(folder -> !folder.endsWith("bert-clf")).sorted().toList();
    }
  }
}
