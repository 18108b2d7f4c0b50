package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes safetensors files, right and wrong ones. */
final class SafetensorsFile {

  private final Map<String, String> entries = new LinkedHashMap<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** Appends a tensor of float32 zeros. */
  SafetensorsFile zeros(String name, long... shape) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return tensor(name, "F32", new byte[Math.toIntExact(elements * 4)], shape);
  }

  /** Appends a tensor. */
  SafetensorsFile tensor(String name, String dtype, byte[] bytes, long... shape) {
    int begin = data.size();
    data.writeBytes(bytes);
    entries.put(name, entry(dtype, Arrays.toString(shape), begin, data.size()));
    return this;
  }

  /** What stands in the header for a tensor. */
  static String entry(String dtype, String shape, long begin, long end) {
    return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(dtype, shape, begin, end);
  }

  /** Writes what was appended. */
  Path write(Path file) throws IOException {
    String header =
        entries.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return write(file, header, data.toByteArray());
  }

  /** Writes a header and data, whatever they are. */
  static Path write(Path file, String header, byte[] data) throws IOException {
    return write(file, header.getBytes(StandardCharsets.UTF_8), data);
  }

  /** Writes a header and data, whatever they are. */
  static Path write(Path file, byte[] header, byte[] data) throws IOException {
    return Files.write(file, bytes(header.length, header, data));
  }

  /** A file that claims a header length. */
  static byte[] bytes(long headerLength, byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .put(data)
        .array();
  }
}
