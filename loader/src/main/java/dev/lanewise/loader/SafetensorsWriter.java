package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file, whose format is told at huggingface.co/docs/safetensors, with tensors
 * of quantized types as {@code QuantizedEntry} has them. Not thread-safe.
 */
public final class SafetensorsWriter {

  /** Data begins at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private static final int CHUNK = 1 << 26;

  private SafetensorsWriter() {}

  /**
   * A tensor to be written.
   *
   * @param dtype one that safetensors files have, Q8_0, Q4_0, I8_SCALED or I8A8
   * @param shape of a matrix of a quantized type {@code (out, in)}
   * @param content gives the data, little-endian, when it is its turn
   */
  public record Tensor(String name, DType dtype, List<Long> shape, Content content) {

    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    private long bytes() {
      return QuantizedEntry.holds(dtype)
          ? dtype.matrixBytes(shape.get(0), shape.get(1))
          : dtype.bytes(TensorInfo.elements(shape));
    }
  }

  /** Data of a tensor. */
  @FunctionalInterface
  public interface Content {
    /** Gives the data to {@code sink}, in as many parts as it likes. */
    void writeTo(Sink sink) throws IOException;
  }

  /** What takes the data of a tensor. */
  @FunctionalInterface
  public interface Sink {
    /** Takes a part. */
    void write(MemorySegment part) throws IOException;
  }

  /**
   * Writes a new file, through to the disk.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it is there
   */
  public static void write(Path file, List<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      byte[] header = header(tensors, metadata);
      ByteBuffer start =
          ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
      write(channel, start.putLong(header.length).put(header).flip());
      for (Tensor tensor : tensors) {
        long begin = channel.position();
        tensor.content().writeTo(part -> write(channel, part));
        long written = channel.position() - begin;
        if (written != tensor.bytes()) {
          throw new IllegalStateException(
              "tensor '%s' was given %d bytes, has %d"
                  .formatted(tensor.name(), written, tensor.bytes()));
        }
      }
      channel.force(true);
    }
  }

  private static void write(FileChannel channel, MemorySegment part) throws IOException {
    for (long at = 0; at < part.byteSize(); at += CHUNK) {
      long bytes = Math.min(CHUNK, part.byteSize() - at);
      write(channel, part.asSlice(at, bytes).asByteBuffer());
    }
  }

  private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static byte[] header(List<Tensor> tensors, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(metadata);
    for (Tensor tensor : tensors) {
      if (QuantizedEntry.holds(tensor.dtype())) {
        all.put(
            QuantizedEntry.PREFIX + tensor.name(),
            QuantizedEntry.value(
                tensor.dtype(),
                Math.toIntExact(tensor.shape().get(0)),
                Math.toIntExact(tensor.shape().get(1))));
      }
    }
    JsonWriter json = new JsonWriter().beginObject();
    json.name("__metadata__").beginObject();
    all.forEach((key, value) -> json.name(key).value(value));
    json.end();
    long at = 0;
    for (Tensor tensor : tensors) {
      boolean blocks = QuantizedEntry.holds(tensor.dtype());
      json.name(tensor.name()).beginObject();
      json.name("dtype").value(blocks ? "U8" : tensor.dtype().name());
      json.name("shape").beginArray();
      (blocks ? List.of(tensor.bytes()) : tensor.shape()).forEach(size -> json.value((long) size));
      json.end();
      json.name("data_offsets").beginArray().value(at).value(at + tensor.bytes()).end();
      json.end();
      at += tensor.bytes();
    }
    byte[] text = json.end().text().getBytes(UTF_8);
    int padded = Math.ceilDiv(Long.BYTES + text.length, ALIGNMENT) * ALIGNMENT - Long.BYTES;
    byte[] header = new byte[padded];
    Arrays.fill(header, (byte) ' ');
    System.arraycopy(text, 0, header, 0, text.length);
    return header;
  }
}
