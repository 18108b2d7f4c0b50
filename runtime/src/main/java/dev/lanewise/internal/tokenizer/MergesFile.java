package dev.lanewise.internal.tokenizer;

import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of merges, two pieces a line: UTF-8 whatever the platform's charset, lines that end with
 * LF or CR LF, a first line {@code #version...} or none. Other line separators are characters of
 * pieces.
 *
 * @param name what errors call the file
 * @param firstLine number of the first merge's line
 */
record MergesFile(String name, int firstLine, List<BpeFactory.Merge> merges) {

  private static final int MAX_BYTES = 64 << 20;

  /**
   * Reads a file.
   *
   * @throws MalformedCheckpointException if a line is no merge, or the text no UTF-8
   */
  static MergesFile read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (Files.isDirectory(file)) {
      throw new MalformedCheckpointException(name + ": is a folder, expected a list of merges");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new MalformedCheckpointException(
          name + ": has more than " + MAX_BYTES + " bytes, expected a list of merges");
    }
    try {
      return parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(), name);
    } catch (CharacterCodingException e) {
      throw new MalformedCheckpointException(name + ": is not UTF-8 text", e);
    }
  }

  /** Reads a text. */
  static MergesFile parse(String text, String name) throws MalformedCheckpointException {
    List<BpeFactory.Merge> merges = new ArrayList<>();
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    int start = 0;
    int line = 1;
    int firstLine = 1;
    while (start < end) {
      int feed = text.indexOf('\n', start);
      int next = feed < 0 || feed >= end ? end : feed;
      int stop = next > start && text.charAt(next - 1) == '\r' ? next - 1 : next;
      if (line == 1 && text.startsWith("#version", start)) {
        firstLine = 2;
      } else {
        merges.add(merge(text.substring(start, stop), name, line));
      }
      start = next + 1;
      line++;
    }
    return new MergesFile(name, firstLine, merges);
  }

  private static BpeFactory.Merge merge(String line, String name, int number)
      throws MalformedCheckpointException {
    int space = line.indexOf(' ');
    if (space < 1 || space != line.lastIndexOf(' ') || space == line.length() - 1) {
      throw new MalformedCheckpointException(
          name + ": line " + number + " is not two pieces with a space between");
    }
    return new BpeFactory.Merge(line.substring(0, space), line.substring(space + 1));
  }

  /** The error about the merge of a rank. */
  MalformedCheckpointException error(int rank, String sentence) {
    return new MalformedCheckpointException(name + ": line " + (firstLine + rank) + " " + sentence);
  }
}
