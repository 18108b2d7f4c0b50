package dev.lanewise.internal.model;

import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Writes folders that appear at once or not at all: beside their place, then renamed. */
public final class NewFolder {

  private NewFolder() {}

  /** Puts files into a folder. */
  @FunctionalInterface
  public interface Content {
    /** Writes them. */
    void write(Path folder) throws IOException;
  }

  /** Makes a folder of a model that is made of another one. */
  static void write(Path source, Path target, Content content) throws IOException {
    publish(writeBeside(source, target, content), target);
  }

  /**
   * Writes a folder beside its final place, to be moved there by {@link #publish}.
   *
   * @param source of the model that it is made of
   * @param target must not exist
   * @return the folder that was written
   */
  public static Path writeBeside(Path source, Path target, Content content) throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString(), null, "there is something already");
    }
    if (!Files.isDirectory(source) || !Files.exists(source.resolve(ModelConfig.FILE_NAME))) {
      throw new UnsupportedCheckpointException(
          source + ": only of a folder with a config.json can another be made");
    }
    Path parent = target.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path folder = Files.createTempDirectory(parent, "." + target.getFileName() + "-");
    try {
      content.write(folder);
    } catch (IOException | RuntimeException | Error e) {
      delete(folder);
      throw e;
    }
    return folder;
  }

  /** Moves a folder to its place, at once. */
  public static void publish(Path written, Path target) throws IOException {
    Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes a folder of files. */
  public static void delete(Path written) throws IOException {
    try (Stream<Path> files = Files.list(written)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(written);
  }

  /** Files of a folder that say under which terms it may be used. */
  static List<Path> licences(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).filter(NewFolder::isLicence).toList();
    }
  }

  private static boolean isLicence(Path file) {
    return String.valueOf(file.getFileName())
        .toLowerCase(Locale.ROOT)
        .matches("licen[cs]e.*|notice.*|copying.*");
  }
}
