package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GptTensorsTest {

  private static final String SIZES =
      "\"vocab_size\":7,\"n_positions\":5,\"n_embd\":4,\"n_layer\":2,\"n_head\":2,\"n_inner\":6";

  @TempDir private Path folder;

  /** Names and shapes of a GPT-2 of two layers. */
  private static Map<String, long[]> gpt2(String prefix) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(prefix + "wte.weight", new long[] {7, 4});
    shapes.put(prefix + "wpe.weight", new long[] {5, 4});
    for (int layer = 0; layer < 2; layer++) {
      String block = prefix + "h." + layer + ".";
      shapes.put(block + "ln_1.weight", new long[] {4});
      shapes.put(block + "ln_1.bias", new long[] {4});
      shapes.put(block + "attn.c_attn.weight", new long[] {4, 12});
      shapes.put(block + "attn.c_attn.bias", new long[] {12});
      shapes.put(block + "attn.c_proj.weight", new long[] {4, 4});
      shapes.put(block + "attn.c_proj.bias", new long[] {4});
      shapes.put(block + "ln_2.weight", new long[] {4});
      shapes.put(block + "ln_2.bias", new long[] {4});
      shapes.put(block + "mlp.c_fc.weight", new long[] {4, 6});
      shapes.put(block + "mlp.c_fc.bias", new long[] {6});
      shapes.put(block + "mlp.c_proj.weight", new long[] {6, 4});
      shapes.put(block + "mlp.c_proj.bias", new long[] {4});
    }
    shapes.put(prefix + "ln_f.weight", new long[] {4});
    shapes.put(prefix + "ln_f.bias", new long[] {4});
    return shapes;
  }

  private GptTensors map(Map<String, long[]> shapes, String keys) throws IOException {
    SafetensorsFile file = new SafetensorsFile();
    shapes.forEach(file::zeros);
    return map(file, keys);
  }

  private GptTensors map(SafetensorsFile file, String keys) throws IOException {
    file.write(folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"), "{\"model_type\":\"gpt2\"," + SIZES + keys + "}");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return GptTensors.of(checkpoint, ModelConfig.read(folder));
    }
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertIncompatible(
      Map<String, long[]> shapes, String keys) {
    return assertThatThrownBy(() -> map(shapes, keys))
        .isInstanceOf(IncompatibleCheckpointException.class);
  }

  @Test
  void namesAMissingTensorInTheStyleOfTheFile() {
    Map<String, long[]> prefixed = gpt2("transformer.");
    prefixed.remove("transformer.h.1.ln_1.bias");
    assertIncompatible(prefixed, "")
        .hasMessage("model.safetensors: tensor 'transformer.h.1.ln_1.bias' is missing");
    Map<String, long[]> bare = gpt2("");
    bare.remove("h.1.ln_1.bias");
    assertIncompatible(bare, "").hasMessage("model.safetensors: tensor 'h.1.ln_1.bias' is missing");
  }

  @Test
  void countsTheMissingTensorsPastAFew() {
    Map<String, long[]> shapes = gpt2("");
    shapes.keySet().removeIf(name -> name.startsWith("h.1."));
    assertIncompatible(shapes, "")
        .hasMessage(
            "model.safetensors: tensors 'h.1.ln_1.weight', 'h.1.ln_1.bias',"
                + " 'h.1.attn.c_attn.weight', 'h.1.attn.c_attn.bias', 'h.1.attn.c_proj.weight' and"
                + " 7 more are missing");
  }

  @Test
  void namesFoundAndExpectedShape() {
    gpt2("")
        .forEach(
            (name, shape) -> {
              Map<String, long[]> shapes = gpt2("");
              long[] wrong = shape.clone();
              wrong[wrong.length - 1]++;
              shapes.put(name, wrong);
              assertIncompatible(shapes, "")
                  .hasMessage(
                      "model.safetensors: tensor '%s' has shape %s, expected %s",
                      name, Arrays.toString(wrong), Arrays.toString(shape));
            });
  }

  @Test
  void refusesATransposedMatrix() {
    Map<String, long[]> shapes = gpt2("");
    shapes.put("h.0.attn.c_attn.weight", new long[] {12, 4});
    assertIncompatible(shapes, "")
        .hasMessage(
            "model.safetensors: tensor 'h.0.attn.c_attn.weight' has shape [12, 4], expected [4,"
                + " 12]");
  }

  @Test
  void refusesATensorOfIntegers() {
    Map<String, long[]> shapes = gpt2("");
    shapes.remove("ln_f.bias");
    SafetensorsFile file = new SafetensorsFile();
    shapes.forEach(file::zeros);
    assertThatThrownBy(() -> map(file.tensor("ln_f.bias", "I8", new byte[4], 4), ""))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            "model.safetensors: tensor 'ln_f.bias' holds I8, expected one of F32, F16, BF16, F64,"
                + " or a quantized type");
  }

  @Test
  void ignoresMasksAndListsWhatItDoesNotUse() throws IOException {
    Map<String, long[]> shapes = gpt2("transformer.");
    shapes.put("transformer.h.0.attn.bias", new long[] {1, 1, 5, 5});
    shapes.put("transformer.h.0.attn.masked_bias", new long[] {});
    shapes.put("h.1.attn.bias", new long[] {1, 1, 5, 5});
    shapes.put("transformer.h.2.ln_1.bias", new long[] {4});
    shapes.put("extra", new long[] {1});
    assertThat(map(shapes, "").unused()).containsExactly("transformer.h.2.ln_1.bias", "extra");
  }

  @Test
  void refusesOneTensorUnderTwoNames() {
    Map<String, long[]> shapes = gpt2("transformer.");
    shapes.put("wte.weight", new long[] {7, 4});
    assertIncompatible(shapes, "")
        .hasMessage(
            "model.safetensors: tensor 'wte.weight' is another name of 'transformer.wte.weight',"
                + " stored too");
  }

  @Test
  void knowsTheEndingsOfOlderReleases() throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    gpt2("")
        .forEach(
            (name, shape) ->
                shapes.put(
                    name.contains("ln_1.") || name.contains("ln_f.")
                        ? name.replace(".weight", ".g").replace(".bias", ".b")
                        : name.contains("ln_2.")
                            ? name.replace(".weight", ".gamma").replace(".bias", ".beta")
                            : name,
                    shape));
    GptTensors tensors = map(shapes, "");
    assertThat(tensors.blocks().get(1).norm1().weight().name()).isEqualTo("h.1.ln_1.g");
    assertThat(tensors.blocks().get(1).norm2().bias().name()).isEqualTo("h.1.ln_2.beta");
    assertThat(tensors.unused()).isEmpty();
  }

  @Test
  void prefersAStoredHeadToTheTie() throws IOException {
    Map<String, long[]> shapes = gpt2("transformer.");
    assertThat(map(shapes, "").isTied()).isTrue();
    shapes.put("lm_head.weight", new long[] {7, 4});
    GptTensors stored = map(shapes, "");
    assertThat(stored.isTied()).isFalse();
    assertThat(stored.output().orElseThrow().name()).isEqualTo("lm_head.weight");
  }

  @Test
  void missesAHeadOnlyWhereItIsNeeded() throws IOException {
    String untied = ",\"tie_word_embeddings\":false";
    assertThat(map(gpt2(""), untied).output()).isEmpty();
    assertIncompatible(gpt2(""), untied + ",\"architectures\":[\"GPT2LMHeadModel\"]")
        .hasMessage("model.safetensors: tensor 'lm_head.weight' is missing");
    assertIncompatible(gpt2(""), ",\"architectures\":[\"GPT2ForSequenceClassification\"]")
        .hasMessage("model.safetensors: tensor 'score.weight' is missing");
  }

  @Test
  void doesNotTakeTheHeadForTheEmbeddingWhereTheyAreNotTied() {
    Map<String, long[]> shapes = gpt2("");
    shapes.remove("wte.weight");
    shapes.put("lm_head.weight", new long[] {7, 4});
    assertIncompatible(shapes, ",\"tie_word_embeddings\":false")
        .hasMessage("model.safetensors: tensor 'wte.weight' is missing");
  }

  @Test
  void holdsAClassifierToItsLabels() throws IOException {
    Map<String, long[]> shapes = gpt2("transformer.");
    shapes.put("score.weight", new long[] {3, 4});
    shapes.put("score.bias", new long[] {3});
    String labels = ",\"id2label\":{\"0\":\"a\",\"1\":\"b\"";
    assertIncompatible(shapes, labels + "}")
        .hasMessage("model.safetensors: tensor 'score.weight' has shape [3, 4], expected [2, 4]");
    assertThat(map(shapes, labels + ",\"2\":\"c\"}").classifier().orElseThrow().bias()).isPresent();
    // Where the config says nothing of labels, the head does.
    assertThat(map(shapes, "").classifier().orElseThrow().weight().shape()).containsExactly(3L, 4L);
    assertIncompatible(shapes, ",\"num_labels\":2").hasMessageContaining("expected [2, 4]");
    shapes.remove("score.weight");
    assertIncompatible(shapes, "")
        .hasMessage("model.safetensors: tensor 'score.weight' is missing");
  }

  @Test
  void takesAnEmbeddingThatWasResized() throws IOException {
    for (long rows : new long[] {9, 6}) {
      Map<String, long[]> shapes = gpt2("transformer.");
      shapes.put("transformer.wte.weight", new long[] {rows, 4});
      GptTensors tensors = map(shapes, "");
      assertThat(tensors.vocabSize()).isEqualTo((int) rows);
      assertThat(Inspection.of(folder).remarks())
          .containsExactly(
              "the token embedding has " + rows + " rows, which count, though 'vocab_size' is 7");
      assertThat(Inspection.of(folder).problems()).isEmpty();
      shapes.put("lm_head.weight", new long[] {7, 4});
      assertIncompatible(shapes, "")
          .hasMessage(
              "model.safetensors: tensor 'lm_head.weight' has shape [7, 4], expected [%d, 4]",
              rows);
    }
    Map<String, long[]> headOnly = gpt2("");
    headOnly.remove("wte.weight");
    headOnly.put("lm_head.weight", new long[] {8, 4});
    assertThat(map(headOnly, "").vocabSize()).isEqualTo(8);
  }

  @Test
  void refusesAnEmbeddingWithoutRows() {
    Map<String, long[]> shapes = gpt2("");
    shapes.put("wte.weight", new long[] {0, 4});
    assertIncompatible(shapes, "").hasMessageContaining("has shape [0, 4], expected [7, 4]");
  }

  @Test
  void keepsEveryProblemBehindTheFirst() throws IOException {
    Map<String, long[]> shapes = gpt2("");
    shapes.put("h.0.ln_1.weight", new long[] {5});
    shapes.put("h.1.mlp.c_fc.bias", new long[] {7});
    shapes.remove("ln_f.bias");
    assertIncompatible(shapes, "")
        .hasMessageContaining("tensor 'h.0.ln_1.weight' has shape [5], expected [4]");
    assertThat(Inspection.of(folder).problems())
        .containsExactly(
            "model.safetensors: tensor 'h.0.ln_1.weight' has shape [5], expected [4]",
            "model.safetensors: tensor 'h.1.mlp.c_fc.bias' has shape [7], expected [6]",
            "model.safetensors: tensor 'ln_f.bias' is missing");
  }

  @Test
  void knowsTheNamesOfTheOriginalRelease() throws IOException {
    for (String prefix : new String[] {"model/", ""}) {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      gpt2("")
          .forEach(
              (name, shape) -> {
                String original =
                    name.replace("wte.weight", "wte")
                        .replace("wpe.weight", "wpe")
                        .replaceFirst("^h\\.", "h")
                        .replaceFirst("(ln_.)\\.weight", "$1.g")
                        .replaceFirst("weight$", "w")
                        .replaceFirst("bias$", "b")
                        .replace('.', '/');
                boolean matrix = shape.length == 2 && original.endsWith("/w");
                shapes.put(prefix + original, matrix ? new long[] {1, shape[0], shape[1]} : shape);
              });
      GptTensors tensors = map(shapes, "");
      assertThat(tensors.unused()).isEmpty();
      assertThat(tensors.blocks().get(1).outer().weight().name())
          .isEqualTo(prefix + "h1/mlp/c_proj/w");
      shapes.remove(prefix + "h1/ln_2/g");
      assertIncompatible(shapes, "")
          .hasMessage("model.safetensors: tensor 'model/h1/ln_2/g' is missing");
    }
  }

  @Test
  void refusesTheNamesOfAnotherArchitecture() {
    Map<String, long[]> shapes = gpt2("");
    shapes.put("tokens_embed.weight", shapes.remove("wte.weight"));
    shapes.put("positions_embed.weight", shapes.remove("wpe.weight"));
    assertIncompatible(shapes, "")
        .hasMessage("model.safetensors: tensors 'wte.weight', 'wpe.weight' are missing");
  }
}
