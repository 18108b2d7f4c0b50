package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the index of a TensorFlow checkpoint of format 2: a sorted table with a header under the
 * empty name and an entry for each tensor, which says where its bytes are in the data files beside
 * it. Entries that hold no numbers, as the object graph of TensorFlow 2, are passed over.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto">the
 *     messages</a>
 */
final class TensorBundle {

  /** {@link Checkpoint#format}. */
  static final String FORMAT = "TensorFlow checkpoint";

  /** How the name of an index ends. */
  static final String INDEX = ".index";

  /** Ours: with the two slots of Adam a large GPT-2 has fewer than 2,000. */
  static final int MAX_TENSORS = 4_096;

  /** Ours, of all names together, in bytes: they share their beginnings in the file. */
  static final int MAX_NAME_BYTES = 1 << 20;

  private static final int VERSION = 1;

  /** Ours: the weights of a model have three at most. */
  private static final int MAX_DIMENSIONS = 8;

  /** First byte of keys that hold a part of a tensor. */
  private static final int PART = 0;

  private final Path index;
  private final String name;
  private final SequencedMap<Integer, SequencedMap<String, TensorInfo>> tensors = new TreeMap<>();
  private final Map<Integer, Path> dataFiles = new HashMap<>();
  private final Map<String, Integer> checksums = new LinkedHashMap<>();
  private int shards;
  private int entries;
  private int nameBytes;
  private int passedOver;
  private String firstPassedOver = "";

  private TensorBundle(Path index) {
    this.index = index;
    this.name = String.valueOf(index.getFileName());
  }

  /** Reads an index and holds it to the data files beside it. */
  static List<TensorFile> read(Path index) throws IOException {
    TensorBundle bundle = new TensorBundle(index);
    SortedTable.read(index, bundle::visit);
    return bundle.files();
  }

  private void visit(byte[] key, ByteCursor value) throws IOException {
    if (shards == 0) {
      if (key.length > 0) {
        throw new MalformedCheckpointException(
            name + ": begins with an entry of a name, expected the header");
      }
      header(new ProtoReader(value), value);
      return;
    }
    nameBytes += key.length;
    if (++entries > MAX_TENSORS || nameBytes > MAX_NAME_BYTES) {
      throw new UnsupportedCheckpointException(
          name
              + ": has more than "
              + MAX_TENSORS
              + " tensors, or their names more than "
              + MAX_NAME_BYTES
              + " bytes");
    }
    if (key[0] == PART) {
      throw parts("a tensor");
    }
    String tensor = new ByteCursor(name, key, 0, key.length).utf8(key.length, "a name");
    entry(tensor, value.about(name, tensor));
  }

  private UnsupportedCheckpointException parts(String what) {
    return new UnsupportedCheckpointException(
        name + ": keeps " + what + " in parts (a partitioned variable), supported are whole ones");
  }

  private void header(ProtoReader in, ByteCursor place) throws IOException {
    int count = 0;
    long order = 0;
    long oldestReader = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> {
          if (in.isMessage()) {
            throw new UnsupportedCheckpointException(
                name + ": is a TensorFlow checkpoint of format 1, supported is format 2");
          }
          count = in.once().size();
        }
        case 2 -> order = in.once().integer();
        case 3 -> oldestReader = oldestReader(in.once().message());
        default -> in.skip();
      }
    }
    if (order != 0) {
      throw new UnsupportedCheckpointException(
          name + ": is big-endian (byte order " + order + "), supported is little-endian");
    }
    if (oldestReader > VERSION) {
      throw new UnsupportedCheckpointException(
          name + ": needs a reader of version " + oldestReader + ", supported is " + VERSION);
    }
    if (count < 1 || count > ShardIndex.MAX_SHARDS) {
      throw place.invalid(
          "says that there are " + count + " data files, expected 1 to " + ShardIndex.MAX_SHARDS);
    }
    shards = count;
  }

  private static long oldestReader(ProtoReader in) throws MalformedCheckpointException {
    long version = 0;
    while (in.next()) {
      if (in.field() == 2) {
        version = in.once().size();
      } else {
        in.skip();
      }
    }
    return version;
  }

  private void entry(String tensor, ByteCursor place) throws IOException {
    ProtoReader in = new ProtoReader(place);
    int type = 0;
    List<Long> shape = List.of();
    int shard = 0;
    long offset = 0;
    long bytes = 0;
    int checksum = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = in.once().size();
        case 2 -> shape = shape(in.once().message(), place);
        case 3 -> shard = in.once().size();
        case 4 -> offset = in.once().integer();
        case 5 -> bytes = in.once().integer();
        case 6 -> checksum = in.once().fixed32();
        case 7 -> throw parts("tensor " + Quoted.of(tensor));
        default -> in.skip();
      }
    }
    DType dtype = dtype(type, place);
    if (dtype == null) {
      firstPassedOver = passedOver++ == 0 ? tensor : firstPassedOver;
      return;
    }
    if (shard >= shards) {
      throw place.invalid("is in data file " + shard + ", but there are " + shards);
    }
    long expected;
    try {
      expected = dtype.bytes(TensorInfo.elements(shape));
    } catch (ArithmeticException e) {
      throw new MalformedCheckpointException(
          place.place() + " has shape " + shape + ", whose size passes 2^63 bytes", e);
    }
    if (bytes != expected) {
      throw place.invalid(
          "has " + bytes + " bytes, expected " + expected + " for " + dtype + " " + shape);
    }
    if (offset < 0 || offset > Long.MAX_VALUE - bytes) {
      throw place.invalid("begins at byte " + offset + ", which no file has");
    }
    Path dataFile = dataFiles.get(shard);
    if (dataFile == null) {
      dataFile = dataFile(shard);
      dataFiles.put(shard, dataFile);
    }
    tensors
        .computeIfAbsent(shard, s -> new LinkedHashMap<>())
        .put(tensor, new TensorInfo(tensor, dtype, shape, dataFile, offset, bytes));
    checksums.put(tensor, SortedTable.unmasked(checksum));
  }

  private static List<Long> shape(ProtoReader in, ByteCursor place) throws IOException {
    List<Long> shape = new ArrayList<>(4);
    while (in.next()) {
      switch (in.field()) {
        case 2 -> {
          if (shape.size() == MAX_DIMENSIONS) {
            throw new UnsupportedCheckpointException(
                place.place() + " has more than " + MAX_DIMENSIONS + " dimensions");
          }
          shape.add(dimension(in.message(), place));
        }
        case 3 -> {
          if (in.once().integer() != 0) {
            throw place.invalid("has a shape of unknown rank");
          }
        }
        default -> in.skip();
      }
    }
    return shape;
  }

  private static long dimension(ProtoReader in, ByteCursor place)
      throws MalformedCheckpointException {
    long size = 0;
    while (in.next()) {
      if (in.field() == 1) {
        size = in.once().integer();
      } else {
        in.skip();
      }
    }
    if (size < 0) {
      throw place.invalid("has a dimension of size " + size);
    }
    return size;
  }

  /** Null for what holds no numbers that we know. */
  private static @Nullable DType dtype(int type, ByteCursor place)
      throws UnsupportedCheckpointException {
    return switch (type) {
      case 1 -> DType.F32;
      case 2 -> DType.F64;
      case 3 -> DType.I32;
      case 4 -> DType.U8;
      case 5 -> DType.I16;
      case 6 -> DType.I8;
      case 9 -> DType.I64;
      case 10 -> DType.BOOL;
      case 14 -> DType.BF16;
      case 17 -> DType.U16;
      case 19 -> DType.F16;
      case 22 -> DType.U32;
      case 23 -> DType.U64;
      // Text, complex numbers, integers with a scale, handles, objects.
      case 7, 8, 11, 12, 13, 15, 16, 18, 20, 21 -> null;
      default ->
          throw new UnsupportedCheckpointException(
              place.place()
                  + " has type "
                  + type
                  + " of TensorFlow, supported are float, double, half, bfloat16, bool and the"
                  + " integers of 8 to 64 bits");
    };
  }

  private Path dataFile(int shard) throws UnsupportedCheckpointException {
    if (!name.endsWith(INDEX)) {
      throw new UnsupportedCheckpointException(
          name
              + ": is the index of a TensorFlow checkpoint, expected it to be called like"
              + " 'model.ckpt.index': without it the data cannot be found");
    }
    String stem = name.substring(0, name.length() - INDEX.length());
    return index.resolveSibling(
        String.format(Locale.ROOT, "%s.data-%05d-of-%05d", stem, shard, shards));
  }

  private List<TensorFile> files() throws IOException {
    if (shards == 0) {
      throw new MalformedCheckpointException(name + ": has no header");
    }
    if (tensors.isEmpty()) {
      throw new MalformedCheckpointException(name + ": lists no tensor of numbers");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    if (passedOver > 0) {
      String more = passedOver == 1 ? "" : " and " + (passedOver - 1) + " more";
      metadata.put("passed over, no numbers", Quoted.plain(firstPassedOver) + more);
    }
    List<TensorFile> files = new ArrayList<>();
    for (SequencedMap<String, TensorInfo> shard : tensors.values()) {
      Path file = shard.firstEntry().getValue().file();
      if (Files.notExists(file)) {
        throw new NoSuchFileException(
            file.toString(), null, "this data file is missing, named by " + name);
      }
      Signature.requireRegular(file);
      long size = Files.size(file);
      requireInside(file, size, shard);
      files.add(new TensorFile(file, size, shard, metadata, checksums));
    }
    return files;
  }

  /** Tensors lie within the file and apart from each other; gaps between them are allowed. */
  private void requireInside(Path file, long size, SequencedMap<String, TensorInfo> shard)
      throws IOException {
    List<TensorInfo> sorted = new ArrayList<>(shard.values());
    sorted.removeIf(tensor -> tensor.bytes() == 0);
    sorted.sort(Comparator.comparingLong(TensorInfo::offset));
    TensorInfo previous = null;
    for (TensorInfo tensor : shard.values()) {
      long end = tensor.offset() + tensor.bytes();
      if (end > size) {
        Signature signature = Signature.of(file);
        if (signature.isAccident()) {
          throw signature.refusal(file);
        }
        throw new MalformedCheckpointException(
            tensor.place()
                + " ends at byte "
                + end
                + ", but the file has "
                + size
                + ": it is cut, or of another step than "
                + name);
      }
    }
    for (TensorInfo tensor : sorted) {
      if (previous != null && tensor.offset() < previous.offset() + previous.bytes()) {
        throw new MalformedCheckpointException(
            name
                + ": tensors "
                + Quoted.of(previous.name())
                + " and "
                + Quoted.of(tensor.name())
                + " overlap at byte "
                + tensor.offset()
                + " of "
                + file.getFileName());
      }
      previous = tensor;
    }
  }
}
