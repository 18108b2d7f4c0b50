package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;

/**
 * Tensors of mapped files, whatever their format: all its files share one arena. When copying, what
 * is mapped is never read.
 */
final class MappedCheckpoint implements Checkpoint {

  private static final long ALIGNMENT = 64;
  private static final long CHECKED_AT_ONCE = 1L << 30;

  private final String format;
  private final String description;
  private final Path folder;
  private final SequencedMap<String, TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final Map<Path, MemorySegment> files;

  /** Parts of the tensors that lie in several files, in order. */
  private final Map<TensorInfo, List<OriginalRelease.Part>> parts = new HashMap<>();

  /** Tensors that were read into memory: put together from several files, or copied. */
  private final Map<TensorInfo, MemorySegment> copies = new ConcurrentHashMap<>();

  /** CRC-32C of tensors by name, where the format has them. */
  private final Map<String, Integer> checksums = new HashMap<>();

  private final Arena arena;
  private boolean copying;

  private MappedCheckpoint(
      String format,
      String description,
      Path folder,
      SequencedMap<String, TensorInfo> tensors,
      Map<String, String> metadata,
      Map<Path, MemorySegment> files,
      Arena arena) {
    this.format = format;
    this.description = description;
    this.folder = folder;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.files = files;
    this.arena = arena;
  }

  /** Maps the files of headers that have been checked. */
  @SuppressWarnings("MustBeClosedChecker") // close() of the result closes it
  static MappedCheckpoint map(
      String format, String description, Path folder, List<TensorFile> headers) throws IOException {
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (TensorFile header : headers) {
      for (TensorInfo tensor : header.tensors().values()) {
        TensorInfo other = tensors.putIfAbsent(tensor.name(), tensor);
        if (other != null) {
          throw new MalformedCheckpointException(
              tensor.file().getFileName()
                  + ": tensor "
                  + Quoted.of(tensor.name())
                  + " is stored in "
                  + other.file().getFileName()
                  + " too");
        }
      }
      header.metadata().forEach(metadata::putIfAbsent);
    }
    Arena arena = Arena.ofShared();
    try {
      Map<Path, MemorySegment> files = new LinkedHashMap<>();
      for (TensorFile header : headers) {
        long bytes = header.fileBytes();
        files.put(header.file(), map(header.file(), bytes, 0, bytes, arena));
      }
      MappedCheckpoint checkpoint =
          new MappedCheckpoint(
              format, description, folder, tensors, metadata, new HashMap<>(files), arena);
      headers.forEach(header -> checkpoint.checksums.putAll(header.checksums()));
      return checkpoint;
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Maps a release whose tensors need not keep to one file. */
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  static MappedCheckpoint map(
      String format, String description, Path folder, OriginalRelease release) throws IOException {
    List<TensorFile> headers = new ArrayList<>();
    for (NpyReader file : release.files()) {
      headers.add(new TensorFile(file.file(), file.fileBytes(), new LinkedHashMap<>(), Map.of()));
    }
    for (OriginalRelease.Joined tensor : release.tensors()) {
      headers.getFirst().tensors().put(tensor.tensor().name(), tensor.tensor());
    }
    MappedCheckpoint checkpoint = map(format, description, folder, headers);
    for (OriginalRelease.Joined tensor : release.tensors()) {
      if (tensor.parts().size() > 1) {
        checkpoint.parts.put(tensor.tensor(), tensor.parts());
      }
    }
    return checkpoint;
  }

  /** This, but tensors are read from now on. */
  MappedCheckpoint copying() {
    copying = true;
    return this;
  }

  /** Whether a tensor has no place of its own in a mapping, and was not kept in memory either. */
  private boolean isJoined(TensorInfo tensor) {
    return parts.containsKey(tensor) && !copying && !copies.containsKey(tensor);
  }

  /** Reads a tensor, wherever its bytes are, into memory of its own. */
  private MemorySegment read(TensorInfo tensor, SegmentAllocator allocator) throws IOException {
    MemorySegment whole = allocator.allocate(tensor.bytes(), ALIGNMENT);
    OriginalRelease.Part one =
        new OriginalRelease.Part(tensor.file(), tensor.offset(), tensor.bytes());
    long at = 0;
    for (OriginalRelease.Part part : parts.getOrDefault(tensor, List.of(one))) {
      long fileBytes = Objects.requireNonNull(files.get(part.file())).byteSize();
      MemorySegment target = whole.asSlice(at, part.bytes());
      FileBytes.read(part.file(), fileBytes, part.offset(), target);
      at += part.bytes();
    }
    return whole.asReadOnly();
  }

  /** Maps a part of a file that must have {@code fileBytes}. */
  private static MemorySegment map(Path file, long fileBytes, long offset, long bytes, Arena arena)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != fileBytes) {
        throw FileBytes.changed(file);
      }
      return channel.map(MapMode.READ_ONLY, offset, bytes, arena);
    }
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public List<Path> files() {
    return files.keySet().stream().sorted().toList();
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public MemorySegment data(TensorInfo tensor) {
    MemorySegment file = file(tensor);
    MemorySegment copy = copies.get(tensor);
    if (copy != null) {
      return copy;
    }
    if (!copying && !parts.containsKey(tensor)) {
      return file.asSlice(tensor.offset(), tensor.bytes());
    }
    try {
      MemorySegment read = read(tensor, arena);
      MemorySegment other = copies.putIfAbsent(tensor, read);
      return other == null ? read : other;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public MemorySegment map(TensorInfo tensor, Arena arena) throws IOException {
    MemorySegment file = file(tensor);
    if (copies.containsKey(tensor)) {
      return data(tensor);
    }
    MemorySegment data =
        copying || parts.containsKey(tensor)
            ? read(tensor, arena)
            : map(tensor.file(), file.byteSize(), tensor.offset(), tensor.bytes(), arena);
    requireChecksum(tensor, data);
    return data;
  }

  /** The mapped file that holds a tensor. */
  private MemorySegment file(TensorInfo tensor) {
    // Compared as a whole: the offsets of a foreign tensor must not reach the mapping.
    if (!tensor.equals(tensors.get(tensor.name()))) {
      throw new IllegalArgumentException(
          "tensor " + Quoted.of(tensor.name()) + " is not of this checkpoint");
    }
    MemorySegment file = files.get(tensor.file());
    if (file == null || !arena.scope().isAlive()) {
      throw new IllegalStateException("the checkpoint in " + folder + " is closed");
    }
    return file;
  }

  @Override
  public Floats floats(TensorInfo tensor, SegmentAllocator allocator) throws IOException {
    file(tensor);
    long elements = tensor.elements();
    if (!Widening.supports(tensor.dtype())) {
      throw new UnsupportedCheckpointException(
          tensor.place() + " holds " + tensor.dtype() + ", expected one of " + Widening.SUPPORTED);
    }
    if (elements > Integer.MAX_VALUE) {
      throw new UnsupportedCheckpointException(
          tensor.place() + " has " + elements + " elements, supported are up to 2147483647");
    }
    if (tensor.dtype() == DType.F32 && isJoined(tensor)) {
      return Widening.widen(read(tensor, allocator), DType.F32, (int) elements, allocator);
    }
    if (tensor.dtype() == DType.F32 || copies.containsKey(tensor)) {
      MemorySegment data = dataOrFailure(tensor);
      requireChecksum(tensor, data);
      return Widening.widen(data, tensor.dtype(), (int) elements, allocator);
    }
    // A mapping of its own: what was read once must not stay resident.
    try (Arena once = Arena.ofConfined()) {
      return Widening.widen(map(tensor, once), tensor.dtype(), (int) elements, allocator);
    }
  }

  private MemorySegment dataOrFailure(TensorInfo tensor) throws IOException {
    try {
      return data(tensor);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Here and not when the files are mapped: an inspection must not read them. */
  private void requireChecksum(TensorInfo tensor, MemorySegment data)
      throws MalformedCheckpointException {
    Integer expected = checksums.get(tensor.name());
    if (expected == null) {
      return;
    }
    CRC32C found = new CRC32C();
    for (long at = 0; at < data.byteSize(); at += CHECKED_AT_ONCE) {
      long bytes = Math.min(CHECKED_AT_ONCE, data.byteSize() - at);
      found.update(data.asSlice(at, bytes).asByteBuffer());
    }
    if ((int) found.getValue() != expected) {
      throw new MalformedCheckpointException(
          tensor.place()
              + " has another checksum than the index says: the file is damaged, or of another"
              + " step");
    }
  }

  @Override
  public void close() {
    synchronized (arena) {
      if (arena.scope().isAlive()) {
        arena.close();
      }
    }
  }
}
