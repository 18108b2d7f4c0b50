package dev.lanewise.bench.checkpoint;

import dev.lanewise.loader.ModelConfig.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sizes of a model.
 *
 * @param label name in options and folders
 * @param architecture decides the names of tensors and the order in a block
 * @param vocabSize rows of the token embedding
 * @param positions the context length
 * @param embd width of the residual stream
 * @param layers blocks
 * @param heads attention heads of a block
 */
public record GptShape(
    String label,
    Architecture architecture,
    int vocabSize,
    int positions,
    int embd,
    int layers,
    int heads) {

  /** GPT-2 small: 124 million parameters, layer norm before each sub-layer. */
  public static final GptShape GPT2 =
      new GptShape("gpt2", Architecture.GPT2, 50_257, 1024, 768, 12, 12);

  /** GPT-1: 117 million parameters, layer norm after each sub-layer. */
  public static final GptShape GPT1 =
      new GptShape("gpt1", Architecture.OPENAI_GPT, 40_478, 512, 768, 12, 12);

  /** GPT-2 with two narrow layers and its whole vocabulary, to try things out. */
  public static final GptShape TINY =
      new GptShape("tiny", Architecture.GPT2, 50_257, 512, 48, 2, 3);

  /** Classes of the classifiers made here. */
  public static final int LABELS = 2;

  /** The shape called {@code label}. */
  public static GptShape of(String label) {
    return Stream.of(GPT2, GPT1, TINY)
        .filter(shape -> shape.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("unknown model '" + label + "': gpt2, gpt1 or tiny"));
  }

  /** Whether blocks normalize their input, and the model its output: GPT-2. */
  public boolean normalizesFirst() {
    return architecture == Architecture.GPT2;
  }

  /** Components of a head. */
  public int headSize() {
    return embd / heads;
  }

  /** Width of the feed-forward layer. */
  public int inner() {
    return 4 * embd;
  }

  /** Name of the token embedding, {@code (vocabSize, embd)}. */
  public String tokenEmbedding() {
    return normalizesFirst() ? "wte.weight" : "tokens_embed.weight";
  }

  /** Name of the position embedding, {@code (positions, embd)}. */
  public String positionEmbedding() {
    return normalizesFirst() ? "wpe.weight" : "positions_embed.weight";
  }

  /** A tensor's name and shape. */
  public record Tensor(String name, List<Integer> shape) {

    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** Number of values. */
    public int size() {
      return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }
  }

  /** All tensors, as the model's authors named them. */
  public List<Tensor> tensors(boolean classifier) {
    List<Tensor> tensors = new ArrayList<>();
    add(tensors, tokenEmbedding(), vocabSize, embd);
    add(tensors, positionEmbedding(), positions, embd);
    for (int layer = 0; layer < layers; layer++) {
      String block = "h." + layer + ".";
      norm(tensors, block + "ln_1");
      linear(tensors, block + "attn.c_attn", embd, 3 * embd);
      linear(tensors, block + "attn.c_proj", embd, embd);
      norm(tensors, block + "ln_2");
      linear(tensors, block + "mlp.c_fc", embd, inner());
      linear(tensors, block + "mlp.c_proj", inner(), embd);
    }
    if (normalizesFirst()) {
      norm(tensors, "ln_f");
    }
    if (classifier) {
      add(tensors, "score.weight", LABELS, embd);
    }
    return tensors;
  }

  private void linear(List<Tensor> tensors, String name, int in, int out) {
    add(tensors, name + ".weight", in, out);
    add(tensors, name + ".bias", out);
  }

  private void norm(List<Tensor> tensors, String name) {
    add(tensors, name + ".weight", embd);
    add(tensors, name + ".bias", embd);
  }

  private static void add(List<Tensor> tensors, String name, Integer... shape) {
    tensors.add(new Tensor(name, List.of(shape)));
  }
}
