package dev.lanewise.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A whole text file. */
final class Utf8File {

  private Utf8File() {}

  /**
   * Reads a file.
   *
   * @throws InputException if it is not UTF-8, or too large for one text
   */
  static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InputException(file.toString(), "is not UTF-8", e);
    } catch (OutOfMemoryError e) {
      throw new InputException(file.toString(), "is too large to be read as one text", e);
    }
  }
}
