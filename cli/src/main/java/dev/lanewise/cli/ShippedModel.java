package dev.lanewise.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/** The models that come with the command, in {@code models/} beside the launcher. */
enum ShippedModel {
  INTENTS("intents-gpt1"),
  LANGUAGE("tiny-gpt1-lm");

  /** Set by the launcher: the folder that it stands in. */
  static final String HOME_PROPERTY = "lanewise.home";

  private final String folder;

  ShippedModel(String folder) {
    this.folder = folder;
  }

  /**
   * The folder of this model: below the launcher's folder, or below a parent folder of the jar.
   *
   * @throws NoSuchFileException if it is not there
   */
  Path locate() throws IOException {
    String home = System.getProperty(HOME_PROPERTY);
    Path start = home == null ? code() : Path.of(home);
    for (Path at = start; at != null; at = home == null ? at.getParent() : null) {
      Path candidate = at.resolve("models").resolve(folder);
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    throw new NoSuchFileException(
        "models/" + folder,
        null,
        "the model that ships is not "
            + (home == null ? "in a folder above the jar" : "in " + home)
            + "; choose a model with -m PATH");
  }

  private static @Nullable Path code() {
    CodeSource source = ShippedModel.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return null;
    }
    try {
      return Path.of(source.getLocation().toURI()).getParent();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }
}
