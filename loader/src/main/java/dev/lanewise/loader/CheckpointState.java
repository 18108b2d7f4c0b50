package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text file {@code checkpoint} that TensorFlow keeps beside its checkpoints: a message in
 * the text form of protocol buffers, one field a line.
 */
final class CheckpointState {

  private static final int MAX_BYTES = 1 << 20;

  private CheckpointState() {}

  /** The name of the last checkpoint, without the folder: that may be of another machine. */
  static String latest(Path file) throws IOException {
    Signature.requireRegular(file);
    String name = String.valueOf(file.getFileName());
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw new MalformedCheckpointException(
          name + ": has more than " + MAX_BYTES + " bytes, expected the name of a checkpoint");
    }
    String latest = null;
    int number = 0;
    String text = new ByteCursor(name, bytes, 0, bytes.length).utf8(bytes.length, "the text");
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      String value = valueOf("model_checkpoint_path", line);
      if (value == null) {
        continue;
      }
      if (latest != null) {
        throw invalid(name, number, "names a second 'model_checkpoint_path'");
      }
      latest = lastName(unquoted(value, name, number), name, number);
    }
    if (latest == null) {
      throw new MalformedCheckpointException(name + ": has no 'model_checkpoint_path'");
    }
    return latest;
  }

  private static @Nullable String valueOf(String key, String line) {
    String stripped = line.strip();
    if (!stripped.startsWith(key)) {
      return null;
    }
    String rest = stripped.substring(key.length()).strip();
    return rest.startsWith(":") ? rest.substring(1).strip() : null;
  }

  private static MalformedCheckpointException invalid(String name, int line, String sentence) {
    return new MalformedCheckpointException(name + ": line " + line + " " + sentence);
  }

  private static String lastName(String path, String name, int line)
      throws MalformedCheckpointException {
    String last = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    boolean plain =
        !last.isEmpty()
            && !last.startsWith(".")
            && last.chars().allMatch(c -> c >= ' ' && ":*?\"<>|".indexOf(c) < 0);
    if (!plain) {
      throw invalid(
          name, line, "names " + Quoted.of(path) + ", expected a checkpoint in the same folder");
    }
    return last;
  }

  /** A text in quotes; bytes past ASCII are written in octal. */
  private static String unquoted(String value, String name, int line)
      throws MalformedCheckpointException {
    char quote = value.isEmpty() ? 0 : value.charAt(0);
    if (value.length() < 2
        || (quote != '"' && quote != '\'')
        || value.charAt(value.length() - 1) != quote) {
      throw invalid(name, line, "has " + Quoted.of(value) + ", expected a text in quotes");
    }
    byte[] text = value.substring(1, value.length() - 1).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length);
    for (int i = 0; i < text.length; i++) {
      if (text[i] == quote) {
        throw invalid(name, line, "has a quote inside a text");
      }
      if (text[i] != '\\') {
        out.write(text[i]);
        continue;
      }
      int digits = 0;
      int code = 0;
      while (digits < 3 && i + 1 < text.length && text[i + 1] >= '0' && text[i + 1] <= '7') {
        code = code * 8 + text[++i] - '0';
        digits++;
      }
      if (digits == 0) {
        char escaped = ++i < text.length ? (char) text[i] : ' ';
        if ("\\\"'".indexOf(escaped) < 0) {
          throw invalid(name, line, "has an escape that is not known: " + Quoted.of(value));
        }
        code = escaped;
      }
      out.write(code);
    }
    return new ByteCursor(name, out.toByteArray(), 0, out.size())
        .utf8(out.size(), "the name in line " + line);
  }
}
