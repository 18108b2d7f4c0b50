package dev.lanewise.bench.peers.gguf;

import dev.lanewise.Tokenizer;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.StoredTensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;

/** A GPT-2 model folder as a GGUF file beside it. */
public final class GgufExport {

  private static final int NORMAL = 1;
  private static final int CONTROL = 3;

  private GgufExport() {}

  /** A linear layer, stored {@code (in, out)} by us and {@code (out, in)} there. */
  private record Linear(String ours, String theirs, int in, int out) {}

  /**
   * A language model. Written if it isn't there.
   *
   * @param folder that {@code RandomCheckpoint} wrote, of a GPT-2
   * @param type of matrices; vectors and position embeddings are F32
   */
  public static Path languageModel(Path folder, GptShape shape, GgufType type) throws IOException {
    String name = folder.getFileName() + "-" + type;
    Path file = folder.resolveSibling(name + ".gguf");
    if (Files.exists(file)) {
      return file;
    }
    Path draft = folder.resolveSibling(name + ".draft");
    try (StoredTensors tensors = new StoredTensors(folder);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft), 1 << 20)) {
      GgufWriter gguf = new GgufWriter();
      model(gguf, shape, type);
      tokenizer(gguf, folder);
      tensors(gguf, tensors, shape, type);
      gguf.writeTo(out);
    }
    return Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void model(GgufWriter gguf, GptShape shape, GgufType type) {
    gguf.text("general.architecture", "gpt2")
        .text("general.name", shape.label())
        .integer("general.file_type", type.fileType())
        .integer("general.quantization_version", 2)
        .integer("gpt2.context_length", shape.positions())
        .integer("gpt2.embedding_length", shape.embd())
        .integer("gpt2.feed_forward_length", shape.inner())
        .integer("gpt2.block_count", shape.layers())
        .integer("gpt2.attention.head_count", shape.heads())
        .real("gpt2.attention.layer_norm_epsilon", 1e-5f);
  }

  private static void tokenizer(GgufWriter gguf, Path folder) throws IOException {
    Tokenizer tokenizer = Tokenizer.open(folder);
    List<String> merges =
        Files.readAllLines(folder.resolve("merges.txt")).stream()
            .filter(line -> !line.isEmpty() && !line.startsWith("#version"))
            .toList();
    int end = tokenizer.id("<|endoftext|>").orElseThrow();
    gguf.text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts(
            "tokenizer.ggml.tokens",
            IntStream.range(0, tokenizer.vocabSize()).mapToObj(tokenizer::token).toList())
        .integers(
            "tokenizer.ggml.token_type",
            IntStream.range(0, tokenizer.vocabSize())
                .map(id -> id == end ? CONTROL : NORMAL)
                .toArray())
        .texts("tokenizer.ggml.merges", merges)
        .integer("tokenizer.ggml.bos_token_id", end)
        .integer("tokenizer.ggml.eos_token_id", end)
        .flag("tokenizer.ggml.add_bos_token", false);
  }

  private static void tensors(
      GgufWriter gguf, StoredTensors tensors, GptShape shape, GgufType type) {
    int embd = shape.embd();
    int vocab = shape.vocabSize();
    gguf.tensor("token_embd.weight", type, () -> tensors.values("wte.weight"), vocab, embd);
    // The binding's llama.cpp refuses a GPT-2 without it, though the matrix is tied.
    gguf.tensor("output.weight", type, () -> tensors.values("wte.weight"), vocab, embd);
    gguf.tensor(
        "position_embd.weight",
        GgufType.F32,
        () -> tensors.values("wpe.weight"),
        shape.positions(),
        embd);
    vector(gguf, tensors, "ln_f.weight", "output_norm.weight", embd);
    vector(gguf, tensors, "ln_f.bias", "output_norm.bias", embd);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String ours = "h." + layer + ".";
      String theirs = "blk." + layer + ".";
      for (Linear linear :
          List.of(
              new Linear("attn.c_attn", "attn_qkv", embd, 3 * embd),
              new Linear("attn.c_proj", "attn_output", embd, embd),
              new Linear("mlp.c_fc", "ffn_up", embd, shape.inner()),
              new Linear("mlp.c_proj", "ffn_down", shape.inner(), embd))) {
        String name = ours + linear.ours();
        gguf.tensor(
            theirs + linear.theirs() + ".weight",
            type,
            () -> tensors.transposed(name + ".weight", linear.in()),
            linear.out(),
            linear.in());
        vector(gguf, tensors, name + ".bias", theirs + linear.theirs() + ".bias", linear.out());
      }
      for (String part : List.of("weight", "bias")) {
        vector(gguf, tensors, ours + "ln_1." + part, theirs + "attn_norm." + part, embd);
        vector(gguf, tensors, ours + "ln_2." + part, theirs + "ffn_norm." + part, embd);
      }
    }
  }

  private static void vector(
      GgufWriter gguf, StoredTensors tensors, String ours, String theirs, int size) {
    gguf.tensor(theirs, GgufType.F32, () -> tensors.values(ours), size);
  }
}
