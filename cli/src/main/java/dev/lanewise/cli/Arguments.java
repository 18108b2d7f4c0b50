package dev.lanewise.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments as they were typed. Java decodes them by the locale's encoding: in an ASCII locale
 * {@code café} arrives with two U+FFFD. Where that has happened the bytes are read again as UTF-8.
 */
final class Arguments {

  /** The same list for a child JVM, in ASCII, which every locale hands on unharmed. */
  static final String PROPERTY = "lanewise.arguments";

  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private Arguments() {}

  /**
   * The arguments of this process.
   *
   * @param args as Java decoded them
   * @throws InputException if one is no text in the locale's encoding nor in UTF-8
   */
  static List<String> of(String[] args) throws IOException {
    String handedOn = System.getProperty(PROPERTY);
    if (handedOn != null) {
      return decode(handedOn);
    }
    List<String> given = List.of(args);
    if (given.stream().noneMatch(argument -> argument.indexOf('\uFFFD') >= 0)) {
      return given;
    }
    byte[] commandLine = readCommandLine();
    return commandLine == null ? given : reread(given, commandLine);
  }

  /** The last arguments of a command line whose parts each end with a zero byte. */
  static List<String> reread(List<String> given, byte[] commandLine) throws IOException {
    List<byte[]> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        parts.add(java.util.Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    if (parts.size() < given.size()) {
      return given;
    }
    List<String> result = new ArrayList<>();
    int skip = parts.size() - given.size();
    for (int i = 0; i < given.size(); i++) {
      ByteBuffer bytes = ByteBuffer.wrap(parts.get(skip + i));
      try {
        result.add(LineReader.strictUtf8(bytes));
      } catch (CharacterCodingException e) {
        throw new InputException(
            "argument " + (i + 1), "not UTF-8 at byte " + (bytes.position() + 1), e);
      }
    }
    return result;
  }

  /** A list of arguments in ASCII. */
  static String encode(List<String> args) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    StringBuilder text = new StringBuilder();
    for (String argument : args) {
      text.append(encoder.encodeToString(argument.getBytes(StandardCharsets.UTF_8))).append('.');
    }
    return text.toString();
  }

  /** The list that {@link #encode} made a text of. */
  static List<String> decode(String text) {
    List<String> args = new ArrayList<>();
    int start = 0;
    for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', start)) {
      byte[] bytes = Base64.getUrlDecoder().decode(text.substring(start, dot));
      args.add(new String(bytes, StandardCharsets.UTF_8));
      start = dot + 1;
    }
    return args;
  }

  private static byte @Nullable [] readCommandLine() {
    try {
      return Files.readAllBytes(COMMAND_LINE);
    } catch (IOException e) {
      // Not Linux: what Java has decoded must do.
      return null;
    }
  }
}
