package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * GPT-1 as it was released in 2018: {@code params_0.npy} and so on are one run of floats, cut
 * without regard to tensors, and {@code params_shapes.json} says the shapes in order: positions,
 * tokens (or both in one matrix, tokens first), then twelve for each block.
 *
 * <p>The tensors get the names of the transformers library. One that lies in two files is joined in
 * memory when it is first asked for.
 *
 * @param files headers of the arrays, in order
 * @param tensors of the model, in the order of the release
 */
record OriginalRelease(List<NpyReader> files, List<Joined> tensors) {

  /** What stands beside the arrays. */
  static final String SHAPES = "params_shapes.json";

  /** How {@link Checkpoint#format} begins. */
  static final String FORMAT = "NumPy arrays of the 2018 release";

  /** Name of an array. */
  static final Pattern ARRAY = Pattern.compile("params_(0|[1-9][0-9]{0,3})\\.npy");

  private static final String VOCABULARY = "encoder_bpe_40000.json";
  private static final long MAX_BYTES = 1L << 20;
  private static final int MAX_TENSORS = 2 + 12 * ConfigReader.MAX_LAYERS;
  private static final int BLOCK = 12;

  /** Heads of the release, whose width is 768: an argument of its program, in none of its files. */
  private static final int WIDTH = 768;

  private static final int HEADS = 12;

  private static final String[] NAMES = {
    "attn.c_attn.weight",
    "attn.c_attn.bias",
    "attn.c_proj.weight",
    "attn.c_proj.bias",
    "ln_1.weight",
    "ln_1.bias",
    "mlp.c_fc.weight",
    "mlp.c_fc.bias",
    "mlp.c_proj.weight",
    "mlp.c_proj.bias",
    "ln_2.weight",
    "ln_2.bias"
  };

  /**
   * A tensor and where its bytes are.
   *
   * @param tensor its file and offset are those of its first byte
   * @param parts in order; one if it lies in one file
   */
  record Joined(TensorInfo tensor, List<Part> parts) {}

  /** Bytes of a file. */
  record Part(Path file, long offset, long bytes) {}

  /** Reads the headers of a release's folder. */
  static OriginalRelease read(Path folder) throws IOException {
    List<List<Long>> shapes = shapes(folder.resolve(SHAPES));
    List<NpyReader> files = arrays(folder);
    DType dtype = files.getFirst().dtype();
    long stored = 0;
    for (NpyReader file : files) {
      if (file.dtype() != dtype) {
        throw new UnsupportedCheckpointException(
            file.file().getFileName() + ": holds " + file.dtype() + ", the first array " + dtype);
      }
      stored = Math.addExact(stored, TensorInfo.elements(file.shape()));
    }
    SequencedMap<String, List<Long>> named = named(folder, shapes);
    long expected = 0;
    for (List<Long> shape : named.values()) {
      expected = Math.addExact(expected, TensorInfo.elements(shape));
    }
    if (stored != expected) {
      throw new MalformedCheckpointException(
          SHAPES + ": lists " + expected + " floats, but the arrays hold " + stored);
    }
    List<Joined> tensors = new ArrayList<>();
    long start = 0;
    for (Map.Entry<String, List<Long>> tensor : named.entrySet()) {
      long bytes = dtype.bytes(TensorInfo.elements(tensor.getValue()));
      tensors.add(joined(tensor.getKey(), tensor.getValue(), files, start, bytes));
      start += bytes;
    }
    return new OriginalRelease(files, List.copyOf(tensors));
  }

  private static Joined joined(
      String name, List<Long> shape, List<NpyReader> files, long start, long bytes) {
    List<Part> parts = new ArrayList<>(1);
    long fileStart = 0;
    for (NpyReader file : files) {
      long fileEnd = fileStart + file.fileBytes() - file.dataStart();
      long from = Math.max(start, fileStart);
      long to = Math.min(start + bytes, fileEnd);
      if (from < to) {
        parts.add(new Part(file.file(), file.dataStart() + from - fileStart, to - from));
      }
      fileStart = fileEnd;
    }
    Part first = parts.getFirst();
    DType dtype = files.getFirst().dtype();
    return new Joined(
        new TensorInfo(name, dtype, shape, first.file(), first.offset(), bytes),
        List.copyOf(parts));
  }

  private static List<List<Long>> shapes(Path file) throws IOException {
    List<List<Long>> shapes = new ArrayList<>();
    for (JsonValue value : Json.read(file, MAX_BYTES).asArray()) {
      List<Long> shape = new ArrayList<>(3);
      for (JsonValue size : value.asArray()) {
        if (size.asLong() < 1 || size.asLong() > ConfigReader.MAX_VOCAB) {
          throw size.expected("a size from 1 to " + ConfigReader.MAX_VOCAB);
        }
        shape.add(size.asLong());
      }
      // A matrix is a convolution of width 1 there.
      if (shape.size() == 3 && shape.getFirst() == 1) {
        shape.removeFirst();
      }
      if (shape.isEmpty() || shape.size() > 2) {
        throw value.expected("a shape of one or two sizes");
      }
      shapes.add(List.copyOf(shape));
      if (shapes.size() > MAX_TENSORS) {
        throw new UnsupportedCheckpointException(
            SHAPES + ": lists more than " + MAX_TENSORS + " tensors");
      }
    }
    return shapes;
  }

  private static List<NpyReader> arrays(Path folder) throws IOException {
    List<Integer> numbers;
    try (Stream<Path> listed = Files.list(folder)) {
      numbers =
          listed
              .map(file -> ARRAY.matcher(String.valueOf(file.getFileName())))
              .filter(Matcher::matches)
              .map(name -> Integer.parseInt(name.group(1)))
              .sorted(Comparator.naturalOrder())
              .toList();
    }
    List<NpyReader> files = new ArrayList<>();
    for (int i = 0; i < Math.max(1, numbers.size()); i++) {
      Path file = folder.resolve("params_" + i + ".npy");
      if (i >= numbers.size() || numbers.get(i) != i) {
        throw new NoSuchFileException(
            file.toString(), null, "this array is missing, beside " + SHAPES);
      }
      Signature signature = Signature.of(file);
      if (signature.isAccident()) {
        throw signature.refusal(file);
      }
      files.add(NpyReader.read(file));
    }
    return List.copyOf(files);
  }

  /** Shapes by name, in the order of the release. */
  private static SequencedMap<String, List<Long>> named(Path folder, List<List<Long>> shapes)
      throws IOException {
    int embeddings = shapes.size() % BLOCK;
    if (embeddings < 1 || embeddings > 2 || shapes.size() < BLOCK) {
      throw new MalformedCheckpointException(
          SHAPES
              + ": lists "
              + shapes.size()
              + " shapes, expected one or two embeddings and twelve for each block");
    }
    SequencedMap<String, List<Long>> named = new LinkedHashMap<>();
    if (embeddings == 2) {
      named.put("positions_embed.weight", shapes.get(0));
      named.put("tokens_embed.weight", shapes.get(1));
    } else {
      List<Long> both = shapes.getFirst();
      long tokens = tokens(folder);
      if (both.size() != 2 || tokens >= both.getFirst()) {
        throw new MalformedCheckpointException(
            SHAPES
                + ": the one embedding has shape "
                + both
                + ", expected a row for each of the "
                + tokens
                + " tokens and more for the positions");
      }
      named.put("tokens_embed.weight", List.of(tokens, both.get(1)));
      named.put("positions_embed.weight", List.of(both.getFirst() - tokens, both.get(1)));
    }
    for (int i = embeddings; i < shapes.size(); i++) {
      int layer = (i - embeddings) / BLOCK;
      named.put("h." + layer + "." + NAMES[(i - embeddings) % BLOCK], shapes.get(i));
    }
    return named;
  }

  /** Rows of tokens in a matrix that holds positions too: the vocabulary and special tokens. */
  private static long tokens(Path folder) throws IOException {
    JsonObject config = config(folder);
    if (config.has("vocab_size")) {
      JsonValue tokens = config.required("vocab_size");
      if (tokens.asLong() < 1) {
        throw tokens.expected("a number of tokens, at least 1");
      }
      return tokens.asLong();
    }
    JsonObject vocabulary = Json.read(folder.resolve(VOCABULARY)).asObject();
    if (vocabulary.size() < 1) {
      throw new MalformedCheckpointException(
          VOCABULARY + ": is empty, expected the tokens of the one embedding");
    }
    return vocabulary.size();
  }

  private static JsonObject config(Path folder) throws IOException {
    Path file = folder.resolve(ModelConfig.FILE_NAME);
    return Files.exists(file) ? Json.read(file).asObject() : new JsonObject(SHAPES);
  }

  /**
   * The configuration: a {@code config.json} that may lie beside the arrays, and what the shapes
   * say where it does not.
   */
  static JsonObject document(Path folder) throws IOException {
    JsonObject said = config(folder);
    SequencedMap<String, List<Long>> shapes = named(folder, shapes(folder.resolve(SHAPES)));
    JsonObject json = new JsonObject(said.source());
    said.members().forEach(json::add);
    List<Long> tokens = shapes.getOrDefault("tokens_embed.weight", List.of());
    List<Long> positions = shapes.getOrDefault("positions_embed.weight", List.of());
    List<Long> inner = shapes.getOrDefault("h.0.mlp.c_fc.bias", List.of());
    long width = tokens.getLast();
    json.add("model_type", new JsonValue.Scalar.Text(json, "openai-gpt"));
    json.add("vocab_size", new JsonValue.Scalar.Whole(json, tokens.getFirst()));
    json.add("n_positions", new JsonValue.Scalar.Whole(json, positions.getFirst()));
    json.add("n_embd", new JsonValue.Scalar.Whole(json, width));
    json.add("n_layer", new JsonValue.Scalar.Whole(json, shapes.size() / BLOCK));
    json.add("n_inner", new JsonValue.Scalar.Whole(json, inner.getLast()));
    if (!json.has("n_head")) {
      if (width != WIDTH) {
        throw new IncompatibleCheckpointException(
            SHAPES
                + ": the model is "
                + width
                + " wide, not 768 as the release, and its files do not say how many heads it has;"
                + " put {\"n_head\": N} into config.json beside them");
      }
      json.add("n_head", new JsonValue.Scalar.Whole(json, HEADS));
    }
    return json;
  }
}
