package dev.lanewise.loader;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What Jazzer calls, a coverage-guided fuzzer: any bytes, taken for a file of a format, end in an
 * exception of the loader or in a load that keeps within the file. Everything else is a finding.
 */
public final class LoaderFuzzer {

  /** What the bytes are taken for: a file of a folder of the resources, or what is in it. */
  enum Format {
    SAFETENSORS("models/gpt2-clf", "model.safetensors"),
    GGUF("gguf", "gpt2-tiny-mixed.gguf"),
    TORCH_ZIP("models/openai-gpt-lm-bin", "pytorch_model.bin"),
    TORCH_OLD("models/openai-gpt-lm-bin", "pytorch_model.legacy.bin"),
    /** The pickle of a zip archive that is well-formed. */
    PICKLE("models/openai-gpt-lm-bin", "pytorch_model.bin"),
    /** The index of a TensorFlow checkpoint. */
    INDEX("tensorflow", "types.ckpt.index"),
    /** The first block of such an index, under a checksum that fits. */
    TABLE("tensorflow", "types.ckpt.index"),
    NPY("models-original/openai-original", "params_0.npy"),
    SHAPES("models-original/openai-original", "params_shapes.json"),
    CONFIG("models/openai-gpt-clf", "config.json"),
    SHARDS("models/openai-gpt-lm-sharded", "model.safetensors.index.json"),
    SNAPPY("tensorflow", "packed.ckpt.index");

    /** Folder of the resources. */
    final String folder;

    final String file;

    Format(String folder, String file) {
      this.folder = folder;
      this.file = file;
    }

    /** Where a file of this format is written, and what belongs to it lies. */
    Path in(Path root) {
      return root.resolve(name());
    }
  }

  private static List<Format> formats = List.of();
  private static Path root = Path.of("");

  private LoaderFuzzer() {}

  /** Called once: a folder that has one for each format that is wanted. */
  public static void fuzzerInitialize(String[] arguments) {
    root = Path.of(arguments[0]);
    formats = Arrays.stream(Format.values()).filter(f -> Files.exists(f.in(root))).toList();
  }

  /** An input: which of the formats, then the bytes. */
  static byte[] input(int format, byte[] bytes) {
    byte[] input = new byte[1 + bytes.length];
    input[0] = (byte) format;
    System.arraycopy(bytes, 0, input, 1, bytes.length);
    return input;
  }

  /** Called with each input. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    Format format = formats.get((input[0] & 0xff) % formats.size());
    byte[] data = Arrays.copyOfRange(input, 1, input.length);
    try {
      switch (format) {
        case CONFIG -> ModelConfig.parse(Json.parse(new ByteArrayInputStream(data), "config.json"));
        case SNAPPY -> Snappy.unpack(new ByteCursor("block", data, 0, data.length), 1 << 20);
        case PICKLE -> load(format, inArchive(data));
        case TABLE -> load(format, inTable(data));
        default -> load(format, data);
      }
    } catch (MalformedCheckpointException
        | UnsupportedCheckpointException
        | IncompatibleCheckpointException
        | NoSuchFileException e) {
      String message = Objects.requireNonNull(e.getMessage());
      if (message.isBlank() || message.contains("\n") || message.length() > 600) {
        throw new AssertionError("a message of one line is expected", e);
      }
    }
  }

  private static void load(Format format, byte[] file) throws IOException {
    Path path = format.in(root).resolve(format.file);
    // Truncating in place would make the file system write it out each time.
    Files.deleteIfExists(path);
    Files.write(path, file);
    Inspection.of(path);
    GgufVocabulary.read(path);
    if (HostileCorpusTest.opens(path)) {
      ModelConfig.read(path);
    }
  }

  private static byte[] inArchive(byte[] pickle) {
    ZipBytes archive = new ZipBytes().add("archive/data.pkl", pickle);
    for (int i = 0; i < 30; i++) {
      archive.add("archive/data/" + i, new byte[64]);
    }
    return archive.bytes();
  }

  private static byte[] inTable(byte[] block) {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    Proto.varint(index, 0);
    Proto.varint(index, block.length);
    return TableBytes.withIndex(
        block,
        new TableBytes.Block()
            .restart()
            .entry(0, new byte[] {(byte) 0xff, 0}, index.toByteArray())
            .bytes());
  }
}
