package dev.lanewise.loader;

import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The tensors of a model, mapped into memory.
 *
 * <p>Thread-safe. Data obtained from it must not be used after {@link #close}. A file must not be
 * cut or overwritten while it is open: the JVM cannot survive that. Replace files by renaming, or
 * use {@link #openCopying}.
 */
public interface Checkpoint extends AutoCloseable {

  /**
   * Opens a folder or a file; the format is found by content, not by name. In a folder {@code
   * model.safetensors} is taken if it is there, else what {@code model.safetensors.index.json}
   * lists, else the only {@code .safetensors} file, else the only {@code .gguf} file, else {@code
   * pytorch_model.bin} or its shards in the same way, else the arrays of the 2018 release, else a
   * TensorFlow checkpoint: the one that the file {@code checkpoint} names, else that of the highest
   * step. Its prefix, its {@code .index} and the file {@code checkpoint} can be named too. For one
   * shard its siblings are opened too.
   *
   * @throws java.nio.file.NoSuchFileException if there is nothing at {@code path}, no weights in
   *     it, or a shard is missing
   * @throws MalformedCheckpointException if a file breaks a rule of its format
   * @throws UnsupportedCheckpointException if no reader knows the file
   */
  static Checkpoint open(Path path) throws IOException {
    return CheckpointFiles.at(path).open();
  }

  /**
   * As {@link #open}, but tensors are read into memory instead of mapped, each when it is first
   * asked for: for files that somebody else may cut or overwrite. What was read stays as it was;
   * what comes after a change is refused if the file's size is another. {@link #data} throws {@link
   * java.io.UncheckedIOException} where a tensor can't be read.
   *
   * @throws IOException as {@link #open}
   */
  static Checkpoint openCopying(Path path) throws IOException {
    return CheckpointFiles.at(path).open().copying();
  }

  /** For people: "safetensors", "safetensors, 4 shards", "GGUF". */
  String format();

  /** For people: which files were taken, and why if there was a choice. */
  String description();

  /** The folder that holds the weights: where the configuration and the tokenizer are. */
  Path folder();

  /** The files that hold tensors. */
  List<Path> files();

  /** All tensors by stored name, in the order in which they are listed. */
  SequencedMap<String, TensorInfo> tensors();

  /** Free-form metadata of the format, empty where there is none. */
  Map<String, String> metadata();

  /**
   * The bytes of a tensor: a read-only view of the mapped file, need not be aligned. A tensor that
   * lies in two files, as those of the 2018 release may, is put together in memory when it is first
   * asked for, and stays there until this is closed.
   *
   * @throws java.io.UncheckedIOException if a tensor that must be read cannot be
   * @throws IllegalArgumentException if the tensor is not of this checkpoint
   * @throws IllegalStateException if this is closed
   */
  MemorySegment data(TensorInfo tensor);

  /**
   * The bytes of a tensor in a read-only mapping of their own, which ends with {@code arena}: what
   * is read once does not stay resident. What lies in two files is read into memory of {@code
   * arena}.
   *
   * @throws IOException if the file cannot be opened any more, or has another size
   * @throws MalformedCheckpointException if the format has checksums and this tensor another
   * @throws IllegalArgumentException if the tensor is not of this checkpoint
   */
  MemorySegment map(TensorInfo tensor, Arena arena) throws IOException;

  /**
   * A tensor as float32: the mapped bytes themselves where they are float32 already and in one
   * file, else joined or widened into memory from {@code allocator}. F16 and BF16 are widened
   * exactly, F64 is rounded, blocks of quantized types get the values that ggml gives them.
   *
   * @throws UnsupportedCheckpointException if the type holds no floats or there are 2^31 or more
   * @throws MalformedCheckpointException if the format has checksums and this tensor another
   * @throws IllegalArgumentException if the tensor is not of this checkpoint
   * @throws IllegalStateException if this is closed
   */
  Floats floats(TensorInfo tensor, SegmentAllocator allocator) throws IOException;

  /** Unmaps the files. Idempotent. */
  @Override
  void close();
}
