package dev.lanewise.loader;

import com.fasterxml.jackson.core.JsonToken;
import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of a safetensors file: 8 bytes little-endian length, that many bytes of JSON,
 * then the data, which the tensors must cover without gap or overlap. The JSON is read as a stream
 * and refused at the first broken rule, so that memory stays in proportion to what was valid.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
final class SafetensorsReader {

  /** How {@link Checkpoint#format} begins. */
  static final String FORMAT = "safetensors";

  /** The format's own limit, in bytes. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  /** Ours: an ordinary model has hundreds. */
  static final int MAX_TENSORS = 100_000;

  /** Ours, and the limit of the usual array libraries. */
  static final int MAX_DIMENSIONS = 64;

  private static final int PREFIX_BYTES = 8;

  private final Path file;
  private final String name;
  private final long fileBytes;
  private final long dataStart;
  private final JsonReader json;
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsReader(Path file, long fileBytes, long headerBytes, JsonReader json) {
    this.file = file;
    this.name = nameOf(file);
    this.fileBytes = fileBytes;
    this.dataStart = PREFIX_BYTES + headerBytes;
    this.json = json;
  }

  /** Reads and checks the header of {@code file}. */
  static TensorFile read(Path file) throws IOException {
    String name = nameOf(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      long headerBytes = headerBytes(channel, name, fileBytes);
      ByteBuffer first = bytes(channel, PREFIX_BYTES, 1);
      if (first.get(0) != '{') {
        throw new MalformedCheckpointException(
            name + ": the header begins with byte " + (first.get(0) & 0xff) + ", expected '{'");
      }
      channel.position(PREFIX_BYTES);
      try (InputStream header =
              new BoundedInputStream(Channels.newInputStream(channel), headerBytes);
          JsonReader json = JsonReader.of(header, name)) {
        return new SafetensorsReader(file, fileBytes, headerBytes, json).header();
      }
    }
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static long headerBytes(FileChannel channel, String name, long fileBytes)
      throws IOException {
    if (fileBytes < PREFIX_BYTES) {
      throw new MalformedCheckpointException(
          name + ": has " + fileBytes + " bytes, expected at least 8: the file is cut");
    }
    long length = bytes(channel, 0, PREFIX_BYTES).getLong(0);
    String found = name + ": the header length is " + Long.toUnsignedString(length);
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw new MalformedCheckpointException(
          found
              + ", expected at most "
              + MAX_HEADER_BYTES
              + ": this is not a safetensors file, or it is damaged");
    }
    if (length > fileBytes - PREFIX_BYTES) {
      throw new MalformedCheckpointException(
          found + ", but only " + (fileBytes - PREFIX_BYTES) + " bytes follow: the file is cut");
    }
    if (length == 0) {
      throw new MalformedCheckpointException(found + ", expected at least 2");
    }
    return length;
  }

  private static ByteBuffer bytes(FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new MalformedCheckpointException("the file was cut while it was opened");
      }
    }
    return buffer;
  }

  private TensorFile header() throws IOException {
    json.nextOf("the header");
    boolean metadataSeen = false;
    while (json.nextOf("a tensor or '}'") != JsonToken.END_OBJECT) {
      String key = json.text();
      if (key.equals("__metadata__")) {
        if (metadataSeen) {
          throw json.invalid("duplicate key '__metadata__'");
        }
        metadataSeen = true;
        readMetadata();
        continue;
      }
      if (tensors.containsKey(key)) {
        throw json.invalid("duplicate key " + Quoted.of(key));
      }
      if (tensors.size() == MAX_TENSORS) {
        throw new UnsupportedCheckpointException(
            name + ": has more than " + MAX_TENSORS + " tensors");
      }
      tensors.put(key, tensor(key));
    }
    json.requireEnd();
    requireFullCover();
    readBlocks();
    return new TensorFile(file, fileBytes, tensors, metadata);
  }

  private void readMetadata() throws IOException {
    if (json.nextOf("the metadata") != JsonToken.START_OBJECT) {
      throw json.invalid("'__metadata__' is not an object of strings");
    }
    while (json.nextOf("a key or '}'") != JsonToken.END_OBJECT) {
      String key = json.text();
      if (json.nextOf("a string") != JsonToken.VALUE_STRING) {
        throw json.invalid("the metadata " + Quoted.of(key) + " is not a string");
      }
      if (metadata.putIfAbsent(key, json.text()) != null) {
        throw json.invalid("duplicate key " + Quoted.of(key) + " in '__metadata__'");
      }
    }
  }

  /** Bytes that the metadata says are blocks of a quantized type. */
  private void readBlocks() throws IOException {
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      if (entry.getKey().startsWith(QuantizedEntry.PREFIX)) {
        String of = entry.getKey().substring(QuantizedEntry.PREFIX.length());
        @Nullable TensorInfo bytes = tensors.get(of);
        if (bytes == null) {
          throw new MalformedCheckpointException(
              name + ": the metadata " + Quoted.of(entry.getKey()) + " is about no tensor");
        }
        tensors.put(of, QuantizedEntry.read(entry.getValue(), bytes));
      }
    }
  }

  private TensorInfo tensor(String tensorName) throws IOException {
    String what = "tensor " + Quoted.of(tensorName);
    if (json.nextOf("a tensor") != JsonToken.START_OBJECT) {
      throw json.invalid(what + " is not an object");
    }
    String dtypeName = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextOf("a key or '}'") != JsonToken.END_OBJECT) {
      String key = json.text();
      switch (key) {
        case "dtype" -> {
          requireFirst(dtypeName, what, key);
          if (json.nextOf("a string") != JsonToken.VALUE_STRING) {
            throw json.invalid("the dtype of " + what + " is not a string");
          }
          dtypeName = json.text();
        }
        case "shape" -> {
          requireFirst(shape, what, key);
          shape = numbers("shape", what, MAX_DIMENSIONS);
        }
        case "data_offsets" -> {
          requireFirst(offsets, what, key);
          offsets = numbers("data_offsets", what, 2);
        }
        default -> throw json.invalid(what + " has the unknown key " + Quoted.of(key));
      }
    }
    if (dtypeName == null || shape == null || offsets == null) {
      String missing = dtypeName == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw json.invalid(what + " has no key '" + missing + "'");
    }
    if (offsets.size() != 2) {
      throw json.invalid("the data_offsets of " + what + " are not two numbers");
    }
    return checked(tensorName, dtype(dtypeName, what), shape, offsets.get(0), offsets.get(1));
  }

  private void requireFirst(@Nullable Object seen, String what, String key)
      throws MalformedCheckpointException {
    if (seen != null) {
      throw json.invalid("duplicate key '" + key + "' in " + what);
    }
  }

  private List<Long> numbers(String key, String what, int limit) throws IOException {
    if (json.nextOf("an array") != JsonToken.START_ARRAY) {
      throw json.invalid("the " + key + " of " + what + " is not an array");
    }
    List<Long> numbers = new ArrayList<>(4);
    JsonToken token;
    while ((token = json.nextOf("a number or ']'")) != JsonToken.END_ARRAY) {
      if (token != JsonToken.VALUE_NUMBER_INT) {
        throw json.invalid("the " + key + " of " + what + " holds something else than integers");
      }
      BigInteger number = new BigInteger(json.text());
      if (number.signum() < 0) {
        throw json.invalid("the " + key + " of " + what + " holds a negative number");
      }
      if (number.bitLength() >= Long.SIZE) {
        throw json.invalid("the " + key + " of " + what + " holds a number past 2^63");
      }
      if (numbers.size() == limit) {
        throw json.invalid("the " + key + " of " + what + " has more than " + limit + " numbers");
      }
      numbers.add(number.longValueExact());
    }
    return numbers;
  }

  private DType dtype(String dtypeName, String what) throws UnsupportedCheckpointException {
    return switch (dtypeName) {
      case "F32" -> DType.F32;
      case "F16" -> DType.F16;
      case "BF16" -> DType.BF16;
      case "F64" -> DType.F64;
      case "BOOL" -> DType.BOOL;
      case "U8" -> DType.U8;
      case "I8" -> DType.I8;
      case "U16" -> DType.U16;
      case "I16" -> DType.I16;
      case "U32" -> DType.U32;
      case "I32" -> DType.I32;
      case "U64" -> DType.U64;
      case "I64" -> DType.I64;
      default ->
          throw new UnsupportedCheckpointException(
              name
                  + ": "
                  + what
                  + " has dtype "
                  + Quoted.of(dtypeName)
                  + ", supported are F32, F16, BF16, F64, BOOL, U8, I8, U16, I16, U32, I32, U64,"
                  + " I64");
    };
  }

  private TensorInfo checked(String tensorName, DType dtype, List<Long> shape, long begin, long end)
      throws MalformedCheckpointException {
    String what = name + ": tensor " + Quoted.of(tensorName);
    if (begin > end) {
      throw new MalformedCheckpointException(
          what + " begins at byte " + begin + " of the data, after its end at " + end);
    }
    long expected;
    try {
      expected = dtype.bytes(TensorInfo.elements(shape));
    } catch (ArithmeticException e) {
      throw new MalformedCheckpointException(
          what + " has shape " + shape + ", whose size passes 2^63 bytes", e);
    }
    if (end - begin != expected) {
      throw new MalformedCheckpointException(
          what
              + " has "
              + (end - begin)
              + " bytes, expected "
              + expected
              + " for "
              + dtype
              + " "
              + shape);
    }
    long dataBytes = fileBytes - dataStart;
    if (end > dataBytes) {
      throw new MalformedCheckpointException(
          what
              + " ends at byte "
              + end
              + " of the data, of which there are "
              + dataBytes
              + ": the file is cut, download it again");
    }
    return new TensorInfo(tensorName, dtype, shape, file, dataStart + begin, expected);
  }

  private void requireFullCover() throws MalformedCheckpointException {
    List<TensorInfo> sorted = new ArrayList<>(tensors.values());
    sorted.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
    long covered = dataStart;
    TensorInfo previous = null;
    for (TensorInfo tensor : sorted) {
      if (tensor.offset() < covered && previous != null) {
        throw new MalformedCheckpointException(
            name
                + ": tensors "
                + Quoted.of(previous.name())
                + " and "
                + Quoted.of(tensor.name())
                + " overlap at byte "
                + (tensor.offset() - dataStart)
                + " of the data");
      }
      if (tensor.offset() > covered) {
        throw new MalformedCheckpointException(
            name
                + ": bytes "
                + (covered - dataStart)
                + " to "
                + (tensor.offset() - dataStart)
                + " of the data, before tensor "
                + Quoted.of(tensor.name())
                + ", belong to no tensor");
      }
      covered = tensor.offset() + tensor.bytes();
      previous = tensor;
    }
    if (covered < fileBytes) {
      throw new MalformedCheckpointException(
          name
              + ": "
              + (fileBytes - covered)
              + " bytes at the end of the file belong to no tensor");
    }
  }
}
