package dev.lanewise.bench.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.bench.checkpoint.GptShape.Tensor;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Model folders of real size with random weights: {@code config.json}, {@code model.safetensors} in
 * float32, and the tokenizer of the architecture. The time of a model does not depend on what its
 * weights are, so nothing has to be downloaded to measure it.
 *
 * <p>The same seed gives the same files on every machine. A tensor's values depend on its name
 * alone, so that a language model and a classifier share all weights but the head. Weights are
 * large enough that the blocks, not the embeddings, decide the output: an error in a block shows.
 */
public final class RandomCheckpoint {

  private static final long SEED = 2018;

  /** Standard deviation of the embeddings, as the models were initialized. */
  private static final float EMBEDDING_DEVIATION = 0.02f;

  /** Twice the initialization of the models, so that blocks outweigh the embeddings. */
  private static final float WEIGHT_DEVIATION = 0.04f;

  private static final float NORM_DEVIATION = 0.1f;

  private RandomCheckpoint() {}

  /**
   * A folder with a classifier ({@link GptShape#LABELS} classes), written if it isn't there.
   *
   * @param work where the folder is or will be
   */
  public static Path classifier(Path work, GptShape shape) throws IOException {
    return folder(work, shape, true);
  }

  /**
   * A folder with a language model, written if it isn't there.
   *
   * @param work where the folder is or will be
   */
  public static Path languageModel(Path work, GptShape shape) throws IOException {
    return folder(work, shape, false);
  }

  /**
   * A folder with the tokenizer of an architecture alone, written if it isn't there.
   *
   * @param work where the folder is or will be
   */
  public static Path tokenizer(Path work, GptShape shape) throws IOException {
    return once(work, shape.label() + "-tokenizer", draft -> copyTokenizer(draft, shape));
  }

  private static Path folder(Path work, GptShape shape, boolean classifier) throws IOException {
    return once(
        work,
        shape.label() + (classifier ? "-classifier" : "-lm"),
        draft -> {
          writeWeights(draft.resolve("model.safetensors"), shape, classifier);
          copyTokenizer(draft, shape);
          Files.writeString(draft.resolve("config.json"), config(shape, classifier));
        });
  }

  @FunctionalInterface
  private interface Writer {
    void write(Path folder) throws IOException;
  }

  /** Written elsewhere first, so that a folder that is there is whole. */
  private static Path once(Path work, String name, Writer writer) throws IOException {
    Path folder = work.resolve(name);
    if (Files.exists(folder)) {
      return folder;
    }
    Files.createDirectories(work);
    Path draft = Files.createTempDirectory(work, "draft-");
    writer.write(draft);
    try {
      Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(draft, folder);
    }
    return folder;
  }

  private static String config(GptShape shape, boolean classifier) {
    boolean gpt2 = shape.normalizesFirst();
    String head = classifier ? "ForSequenceClassification" : "LMHeadModel";
    JsonWriter json = new JsonWriter().beginObject();
    json.name("model_type").value(gpt2 ? "gpt2" : "openai-gpt");
    json.name("architectures").beginArray().value((gpt2 ? "GPT2" : "OpenAIGPT") + head).end();
    json.name("vocab_size").value(shape.vocabSize());
    json.name("n_positions").value(shape.positions());
    json.name("n_ctx").value(shape.positions());
    json.name("n_embd").value(shape.embd());
    json.name("n_layer").value(shape.layers());
    json.name("n_head").value(shape.heads());
    json.name("layer_norm_epsilon").value(1e-5);
    if (gpt2) {
      json.name("activation_function").value("gelu_new");
      json.name("bos_token_id").value(50_256);
      json.name("eos_token_id").nullValue(); // or a random model would end at random
    } else {
      json.name("afn").value("gelu");
    }
    if (classifier) {
      json.name("id2label").beginObject();
      for (int label = 0; label < GptShape.LABELS; label++) {
        json.name(String.valueOf(label)).value("LABEL_" + label);
      }
      json.end();
    }
    return json.end().text() + "\n";
  }

  private static void copyTokenizer(Path folder, GptShape shape) throws IOException {
    for (String name :
        List.of("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")) {
      String resource = "/tokenizers/" + (shape.normalizesFirst() ? "gpt2/" : "gpt1/") + name;
      try (InputStream in = RandomCheckpoint.class.getResourceAsStream(resource)) {
        if (in != null) {
          Files.copy(in, folder.resolve(name));
        }
      }
    }
  }

  private static void writeWeights(Path file, GptShape shape, boolean classifier)
      throws IOException {
    List<Tensor> tensors = shape.tensors(classifier);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] header = header(tensors);
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(header.length).flip());
      writeFully(channel, ByteBuffer.wrap(header));
      for (Tensor tensor : tensors) {
        writeFully(channel, bytes(values(tensor)));
      }
    }
  }

  /** Padded with spaces, so that the data is aligned to 64 bytes. */
  private static byte[] header(List<Tensor> tensors) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("__metadata__").beginObject().name("format").value("pt").end();
    long offset = 0;
    for (Tensor tensor : tensors) {
      json.name(tensor.name()).beginObject().name("dtype").value("F32");
      json.name("shape").beginArray();
      tensor.shape().forEach(json::value);
      json.end();
      json.name("data_offsets").beginArray().value(offset);
      offset += (long) tensor.size() * Float.BYTES;
      json.value(offset).end().end();
    }
    String text = json.end().text();
    int padding = Math.floorMod(-(Long.BYTES + text.length()), 64);
    return (text + " ".repeat(padding)).getBytes(UTF_8);
  }

  /** The values of a tensor, in the order of its shape. */
  public static float[] values(Tensor tensor) {
    SplittableRandom random = new SplittableRandom(SEED ^ hash(tensor.name()));
    boolean gain = tensor.name().contains("ln_") && tensor.name().endsWith(".weight");
    float mean = gain ? 1 : 0;
    float deviation =
        tensor.shape().size() == 1
            ? NORM_DEVIATION
            : tensor.name().contains("embed") || tensor.name().startsWith("w")
                ? EMBEDDING_DEVIATION
                : WEIGHT_DEVIATION;
    float[] values = new float[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = mean + deviation * (float) random.nextGaussian();
    }
    return values;
  }

  /** FNV-1a, 64 bits: {@code String.hashCode} of neighbouring names differs in few bits. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer;
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Bytes of all files in a folder. */
  public static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      long sum = 0;
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }
}
