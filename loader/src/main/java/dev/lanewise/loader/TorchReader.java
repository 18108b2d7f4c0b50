package dev.lanewise.loader;

import dev.lanewise.loader.TorchClasses.Storage;
import dev.lanewise.loader.TorchClasses.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the weights that {@code torch.save} wrote: a zip archive with a pickle {@code data.pkl} and
 * an entry for each storage, or, before PyTorch 1.6, pickles one after another (a number, a
 * protocol, the system, the tensors, the keys of the storages), then the storages. Nothing of a
 * pickle is run, see {@link PickleReader}.
 */
final class TorchReader {

  /** How {@link Checkpoint#format} begins. */
  static final String FORMAT = "PyTorch";

  /** Ours, of the pickles: a large model takes a hundred kilobytes. */
  static final int MAX_PICKLE_BYTES = 2 << 20;

  /** Ours: as many as a zip archive may have entries. */
  static final int MAX_TENSORS = 8_192;

  private static final String PICKLE = "/data.pkl";

  /** The number that a file of the old form begins with, as a pickle after its protocol. */
  private static final byte[] MAGIC = {
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final long PROTOCOL = 1001;

  /** Where training programs put the weights among other things. */
  private static final List<String> INSIDE = List.of("state_dict", "model_state_dict", "model");

  private final Path file;
  private final FileChannel channel;
  private final String name;
  private final long size;
  private final TorchClasses classes;

  private TorchReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.name = String.valueOf(file.getFileName());
    this.size = channel.size();
    this.classes = new TorchClasses(name);
  }

  /** Reads and checks what says where the tensors of {@code file} are. */
  static TensorFile read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      TorchReader reader = new TorchReader(file, channel);
      return Signature.of(file) == Signature.ZIP ? reader.readZip() : reader.readOld();
    }
  }

  private MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(name + ": " + sentence);
  }

  private UnsupportedCheckpointException unsupported(String sentence) {
    return new UnsupportedCheckpointException(name + ": " + sentence);
  }

  private ByteCursor cursor(long offset, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw invalid("was cut while it was opened");
      }
    }
    return new ByteCursor(name, buffer.array(), 0, buffer.capacity());
  }

  private TensorFile readZip() throws IOException {
    SequencedMap<String, ZipDirectory.Entry> entries = ZipDirectory.read(channel, name);
    List<String> pickles =
        entries.keySet().stream()
            .filter(entry -> entry.endsWith(PICKLE) && entry.indexOf('/') == entry.lastIndexOf('/'))
            .toList();
    if (pickles.size() != 1) {
      throw unsupported(
          "is a zip archive with "
              + pickles.size()
              + " entries called like 'archive/data.pkl', expected one: it is no PyTorch"
              + " checkpoint");
    }
    String folder = pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    if (entries.containsKey(folder + "/constants.pkl")) {
      throw unsupported("is a TorchScript program, supported are the weights of a model");
    }
    requireLittleEndian(entries.get(folder + "/byteorder"));
    ZipDirectory.Entry entry = entries.get(pickles.getFirst());
    if (entry == null || entry.bytes() > MAX_PICKLE_BYTES) {
      throw unsupported("has a pickle of more than " + MAX_PICKLE_BYTES + " bytes");
    }
    ByteCursor in = cursor(entry.offset(), entry.bytes());
    Object value = PickleReader.read(in, classes);
    if (in.remaining() > 0) {
      throw invalid("has " + in.remaining() + " bytes after its pickle");
    }
    Map<String, Long> offsets = new LinkedHashMap<>();
    for (Storage storage : classes.storages().values()) {
      ZipDirectory.Entry data = entries.get(folder + "/data/" + storage.key());
      if (data == null) {
        throw invalid(
            "has no entry "
                + Quoted.of(folder + "/data/" + storage.key())
                + ", which its pickle"
                + " needs");
      }
      if (data.bytes() != storage.bytes()) {
        throw invalid(
            "entry "
                + Quoted.of(data.name())
                + " has "
                + data.bytes()
                + " bytes, expected "
                + storage.bytes()
                + " for "
                + storage.elements()
                + " "
                + storage.dtype());
      }
      offsets.put(storage.key(), data.offset());
    }
    return tensors(value, offsets);
  }

  private void requireLittleEndian(ZipDirectory.@Nullable Entry entry) throws IOException {
    if (entry == null) {
      return; // Older files have none, and are of the machine that wrote them.
    }
    if (entry.bytes() > 16) {
      throw invalid("has an entry 'byteorder' of " + entry.bytes() + " bytes");
    }
    String order = cursor(entry.offset(), entry.bytes()).utf8((int) entry.bytes(), "'byteorder'");
    if (!order.equals("little")) {
      throw unsupported("has the byte order " + Quoted.of(order) + ", supported is 'little'");
    }
  }

  private TensorFile readOld() throws IOException {
    ByteCursor in = cursor(0, Math.min(size, MAX_PICKLE_BYTES));
    requireMagic(in);
    Object protocol = PickleReader.read(in, classes);
    if (!protocol.equals(PROTOCOL)) {
      throw unsupported("is a PyTorch checkpoint of another protocol than " + PROTOCOL);
    }
    Object system = PickleReader.read(in, classes);
    if (!(system instanceof Map<?, ?> settings)
        || !Boolean.TRUE.equals(settings.get("little_endian"))) {
      throw unsupported("does not say that it is little-endian, supported is little-endian");
    }
    Object value = PickleReader.read(in, classes);
    Object keys = PickleReader.read(in, classes);
    if (!(keys instanceof ArrayList<?> list)) {
      throw invalid("has no list of storages after its tensors");
    }
    return tensors(value, offsets(list, in.position()));
  }

  private void requireMagic(ByteCursor in) throws IOException {
    byte[] found = new byte[MAGIC.length];
    in.skip(2, "the protocol");
    in.copy(found, 0, Math.min(found.length, in.remaining()), "the magic number");
    if (!Arrays.equals(found, MAGIC)) {
      throw unsupported("is a Python pickle, but no PyTorch checkpoint");
    }
  }

  /** The storages in order, each after the number of its elements. */
  private Map<String, Long> offsets(List<?> keys, long start) throws IOException {
    Map<String, Long> offsets = new LinkedHashMap<>();
    long at = start;
    for (Object key : keys) {
      Storage storage = key instanceof String text ? classes.storages().get(text) : null;
      if (storage == null) {
        throw invalid("lists a storage that no tensor is in");
      }
      if (size - at < Long.BYTES) {
        throw invalid("ends before storage " + Quoted.of(storage.key()) + ": it is cut");
      }
      long elements = cursor(at, Long.BYTES).i64("a size");
      at += Long.BYTES;
      if (elements != storage.elements()) {
        throw invalid(
            "storage "
                + Quoted.of(storage.key())
                + " has "
                + elements
                + " elements, expected "
                + storage.elements());
      }
      if (storage.bytes() > size - at) {
        throw invalid(
            "storage "
                + Quoted.of(storage.key())
                + " needs "
                + storage.bytes()
                + " bytes, but "
                + (size - at)
                + " follow: the file is cut");
      }
      if (offsets.put(storage.key(), at) != null) {
        throw invalid("lists storage " + Quoted.of(storage.key()) + " twice");
      }
      at += storage.bytes();
    }
    if (at < size) {
      throw invalid("has " + (size - at) + " bytes after its storages");
    }
    if (offsets.size() < classes.storages().size()) {
      throw invalid("does not list all storages that its tensors are in");
    }
    return offsets;
  }

  private TensorFile tensors(Object value, Map<String, Long> offsets) throws IOException {
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!(value instanceof Map<?, ?> dict)) {
      throw unsupported("holds something else than a dict of tensors by name");
    }
    collect(dict, offsets, tensors);
    for (String key : INSIDE) {
      if (tensors.isEmpty() && dict.get(key) instanceof Map<?, ?> inside) {
        collect(inside, offsets, tensors);
        metadata.put("taken from", key);
      }
    }
    if (tensors.isEmpty()) {
      throw unsupported("holds no tensor by name");
    }
    return new TensorFile(file, size, tensors, metadata);
  }

  /** Only what is a tensor; training programs keep settings beside them. */
  private void collect(
      Map<?, ?> dict, Map<String, Long> offsets, SequencedMap<String, TensorInfo> tensors)
      throws IOException {
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (!(entry.getValue() instanceof Tensor tensor)) {
        continue;
      }
      if (!(entry.getKey() instanceof String key)) {
        throw unsupported("holds a tensor under the number " + entry.getKey());
      }
      if (tensors.size() == MAX_TENSORS) {
        throw unsupported("has more than " + MAX_TENSORS + " tensors");
      }
      Storage storage = tensor.storage();
      Long start = offsets.get(storage.key());
      if (start == null) {
        throw invalid("has no storage " + Quoted.of(storage.key()));
      }
      long offset = start + storage.dtype().bytes(tensor.first());
      long bytes = storage.dtype().bytes(TensorInfo.elements(tensor.shape()));
      tensors.put(key, new TensorInfo(key, storage.dtype(), tensor.shape(), file, offset, bytes));
    }
  }
}
