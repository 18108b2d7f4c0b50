package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Matrix.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration, names, parts and vocabulary of GGUF models. */
class GgufModelTest {

  private static final String[] MATRICES = {
    "attn_qkv.weight", "attn_output.weight", "ffn_up.weight", "ffn_down.weight"
  };

  @TempDir private Path folder;

  /** A whole model of width 32 with one layer. */
  private static GgufBytes model() {
    return weights(new GgufBytes().gpt2());
  }

  private static GgufBytes weights(GgufBytes bytes) {
    bytes
        .tensor("token_embd.weight", 8, 5 * 34, 32, 5)
        .tensor("position_embd.weight", 0, 8 * 32 * 4, 32, 8)
        .tensor("output_norm.weight", 0, 128, 32)
        .tensor("output_norm.bias", 0, 128, 32);
    return block(bytes);
  }

  private static GgufBytes block(GgufBytes bytes) {
    for (String norm : new String[] {"attn_norm", "ffn_norm"}) {
      bytes.tensor("blk.0." + norm + ".weight", 0, 128, 32);
      bytes.tensor("blk.0." + norm + ".bias", 0, 128, 32);
    }
    long[][] sizes = {{32, 96}, {32, 32}, {32, 128}, {128, 32}};
    for (int i = 0; i < sizes.length; i++) {
      String name = "blk.0." + MATRICES[i];
      bytes.tensor(name, 8, sizes[i][0] * sizes[i][1] / 32 * 34, sizes[i]);
      bytes.tensor(name.replace("weight", "bias"), 0, sizes[i][1] * 4, sizes[i][1]);
    }
    return bytes;
  }

  private Path write(GgufBytes bytes) throws IOException {
    return bytes.write(folder.resolve("m.gguf"));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertConfigRefused(
      GgufBytes bytes, Class<? extends IOException> type) throws IOException {
    Path file = write(bytes);
    return assertThatThrownBy(() -> ModelConfig.read(file)).isExactlyInstanceOf(type);
  }

  @Test
  void readsTheConfigurationFromTheMetadata() throws IOException {
    ModelConfig config = ModelConfig.read(Fixtures.gguf("gpt2-tiny-mixed.gguf"));
    ModelConfig reference = ModelConfig.read(Fixtures.gguf("hf"));
    assertThat(config)
        .usingRecursiveComparison()
        .ignoringFields("json", "modelClass")
        .isEqualTo(reference);
    assertThat(config.modelClass()).isEqualTo("GPT2LMHeadModel");
    assertThat(config.eosTokenId()).isEqualTo(OptionalInt.of(319));
  }

  @Test
  void mapsEveryTensorToItsRole() throws IOException {
    Path file = write(model());
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.format()).isEqualTo("GGUF");
      assertThat(checkpoint.description()).isEqualTo("m.gguf");
      assertThat(checkpoint.metadata()).containsEntry("gpt2.block_count", "1");
      GptTensors tensors = GptTensors.of(checkpoint, ModelConfig.read(folder));
      assertThat(tensors.unused()).isEmpty();
      assertThat(tensors.isTied()).isTrue();
      assertThat(tensors.finalNorm().orElseThrow().bias().name()).isEqualTo("output_norm.bias");
      GptTensors.Block block = tensors.blocks().getFirst();
      assertThat(block.attention().layout()).isEqualTo(Layout.OUT_IN);
      assertThat(block.attention().weight().shape()).containsExactly(96L, 32L);
      assertThat(block.attention().weight().dtype()).isEqualTo(DType.Q8_0);
      assertThat(checkpoint.data(block.outer().weight()).byteSize()).isEqualTo(128 * 34);
      assertThat(block.outer().weight().name()).isEqualTo("blk.0.ffn_down.weight");
      assertThat(block.norm2().weight().name()).isEqualTo("blk.0.ffn_norm.weight");
    }
    assertThat(ModelConfig.read(file).vocabSize()).isEqualTo(5);
    assertThat(ModelConfig.read(file).nInner()).isEqualTo(128);
  }

  @Test
  void usesAStoredOutputMatrix() throws IOException {
    write(model().tensor("output.weight", 0, 5 * 128, 32, 5));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      GptTensors tensors = GptTensors.of(checkpoint, ModelConfig.read(folder));
      assertThat(tensors.isTied()).isFalse();
      assertThat(tensors.output().orElseThrow().name()).isEqualTo("output.weight");
    }
  }

  @Test
  void namesMissingTensorsAsTheFormatDoes() throws IOException {
    Path file = write(block(new GgufBytes().gpt2()).tensor("token_embd.weight", 0, 640, 32, 5));
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertThatThrownBy(() -> GptTensors.of(checkpoint, ModelConfig.read(file)))
          .isInstanceOf(IncompatibleCheckpointException.class)
          .hasMessage(
              "m.gguf: tensors 'position_embd.weight', 'output_norm.weight', 'output_norm.bias' are"
                  + " missing");
    }
  }

  @Test
  void ignoresUnknownKeysAndTensors() throws IOException {
    write(
        model()
            .text("general.author", "nobody")
            .texts("tags", "a")
            .key("x.y", 9, 9, 1L, 0, 1L, (byte) 1)
            .tensor("cls.weight", 0, 128, 32));
    Inspection inspection = Inspection.of(folder);
    assertThat(inspection.problems()).isEmpty();
    assertThat(inspection.remarks()).containsExactly("tensor 'cls.weight' is not used");
  }

  @Test
  void namesOtherArchitectures() throws IOException {
    Path file = write(new GgufBytes().text("general.architecture", "qwen3"));
    for (Path path : new Path[] {file, folder}) {
      String message = "m.gguf: architecture 'qwen3' is not supported; supported in GGUF: gpt2";
      assertThatThrownBy(() -> Checkpoint.open(path))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> ModelConfig.read(path))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessage(message);
    }
  }

  @Test
  void refusesMetadataWithoutArchitecture() throws IOException {
    assertConfigRefused(new GgufBytes(), MalformedCheckpointException.class)
        .hasMessage("m.gguf: has no metadata key 'general.architecture'");
    assertConfigRefused(
            new GgufBytes().number("general.architecture", 1), MalformedCheckpointException.class)
        .hasMessage(
            "m.gguf: metadata 'general.architecture' is 1, expected a string of ordinary length");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"context_length", "embedding_length", "block_count", "attention.head_count"})
  void refusesSizesThatAreMissing(String key) throws IOException {
    GgufBytes bytes = new GgufBytes().text("general.architecture", "gpt2");
    for (String other :
        new String[] {
          "context_length", "embedding_length", "block_count", "attention.head_count"
        }) {
      if (!other.equals(key)) {
        bytes.number("gpt2." + other, 4);
      }
    }
    assertConfigRefused(weights(bytes), MalformedCheckpointException.class)
        .hasMessage("m.gguf: has no metadata key 'gpt2." + key + "'");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 30, -1})
  void refusesSizesOutOfRange(int size) throws IOException {
    assertConfigRefused(
            new GgufBytes()
                .text("general.architecture", "gpt2")
                .number("gpt2.context_length", size),
            MalformedCheckpointException.class)
        .hasMessage(
            "m.gguf: metadata 'gpt2.context_length' is "
                + Integer.toUnsignedString(size)
                + ", expected an integer from 1 to 1048576");
  }

  @Test
  void refusesHeadsThatDoNotDivideTheWidth() throws IOException {
    GgufBytes bytes =
        new GgufBytes()
            .text("general.architecture", "gpt2")
            .number("gpt2.context_length", 8)
            .number("gpt2.embedding_length", 32)
            .number("gpt2.block_count", 1)
            .number("gpt2.attention.head_count", 5);
    assertConfigRefused(weights(bytes), MalformedCheckpointException.class)
        .hasMessage("m.gguf: 'n_embd' is 32, expected a multiple of 'n_head', which is 5");
  }

  @Test
  void refusesOtherValuesThatTheModelCannotHave() throws IOException {
    assertConfigRefused(
            model().number("gpt2.attention.head_count_kv", 1), UnsupportedCheckpointException.class)
        .hasMessageContaining("head_count_kv' differs from 'gpt2.attention.head_count'");
    assertConfigRefused(
            model().number("tokenizer.ggml.eos_token_id", 5), MalformedCheckpointException.class)
        .hasMessageContaining("eos_token_id' is 5, expected an integer from 0 to 4");
    for (float epsilon : new float[] {0, -1, Float.NaN, 2}) {
      GgufBytes bytes =
          new GgufBytes()
              .text("general.architecture", "gpt2")
              .number("gpt2.context_length", 8)
              .number("gpt2.embedding_length", 32)
              .number("gpt2.block_count", 1)
              .number("gpt2.attention.head_count", 2)
              .key("gpt2.attention.layer_norm_epsilon", 6, epsilon);
      assertConfigRefused(weights(bytes), MalformedCheckpointException.class)
          .hasMessageContaining("expected a number above 0, up to 1");
    }
  }

  private Path part(int number, int count, GgufBytes bytes) throws IOException {
    return bytes.write(folder.resolve("m-%05d-of-%05d.gguf".formatted(number, count)));
  }

  private static GgufBytes split(GgufBytes bytes, int number, int count) {
    return bytes
        .key("split.no", 2, (short) number)
        .key("split.count", 2, (short) count)
        .key("split.tensors.count", 5, 17);
  }

  /** Metadata alone, then the embeddings and norms, then the block. */
  private Path threeParts() throws IOException {
    Path first = part(1, 3, split(new GgufBytes().gpt2(), 0, 3));
    GgufBytes second =
        new GgufBytes()
            .tensor("token_embd.weight", 8, 5 * 34, 32, 5)
            .tensor("position_embd.weight", 0, 8 * 32 * 4, 32, 8)
            .tensor("output_norm.weight", 0, 128, 32)
            .tensor("output_norm.bias", 0, 128, 32);
    part(2, 3, split(second, 1, 3));
    GgufBytes third = block(new GgufBytes()).tensor("x", 0, 4, 1);
    part(3, 3, split(third, 2, 3));
    return first;
  }

  @Test
  void findsTheOtherPartsOfAModel() throws IOException {
    Path first = threeParts();
    Path third = folder.resolve("m-00003-of-00003.gguf");
    for (Path path : new Path[] {folder, first, third}) {
      assertThat(ModelConfig.read(path).vocabSize()).isEqualTo(5);
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        assertThat(checkpoint.format()).isEqualTo("GGUF, 3 parts");
        assertThat(checkpoint.tensors()).hasSize(17);
        assertThat(GptTensors.of(checkpoint, ModelConfig.read(path)).unused()).containsExactly("x");
      }
    }
  }

  @Test
  void namesTheMissingPart() throws IOException {
    Path first = threeParts();
    Files.delete(folder.resolve("m-00002-of-00003.gguf"));
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(
            "m-00002-of-00003.gguf: this part is missing, named by m-00001-of-00003.gguf");
  }

  @Test
  void refusesPartsThatDoNotBelongTogether() throws IOException {
    Path first = threeParts();
    Path second = folder.resolve("m-00002-of-00003.gguf");
    Files.copy(second, folder.resolve("kept"));
    part(2, 3, split(new GgufBytes(), 2, 3));
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage(
            "m-00002-of-00003.gguf: says that it is part 3 of 3, expected part 2 of 3 by its name");
    part(2, 3, split(new GgufBytes(), 1, 3));
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("'split.tensors.count' is 17, but the parts hold 13 tensors");
    part(2, 3, new GgufBytes());
    assertThatThrownBy(() -> Checkpoint.open(first))
        .hasMessage("m-00002-of-00003.gguf: has no metadata key 'split.no'");
    Files.writeString(second, "version https://git-lfs.github.com/spec/v1\n");
    assertThatThrownBy(() -> Checkpoint.open(first))
        .hasMessageContaining("m-00002-of-00003.gguf: is a Git LFS pointer");
  }

  @Test
  void refusesAPartWithAnotherName() throws IOException {
    Path file = write(split(new GgufBytes(), 0, 3));
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining(
            "metadata 'split.count' is 3, expected the file to be called like"
                + " 'NAME-00001-of-00003.gguf'");
    Path wrong = part(1, 2, split(new GgufBytes(), 0, 3));
    assertThatThrownBy(() -> Checkpoint.open(wrong)).hasMessageContaining("'split.count' is 3");
  }

  @Test
  void refusesTooManyParts() throws IOException {
    Path file = part(1, 2000, split(new GgufBytes(), 0, 2000));
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("is one of 2000 parts, supported are up to 1000");
  }

  @Test
  void asksWhichOfSeveralFilesIsMeant() throws IOException {
    model().write(folder.resolve("a.gguf"));
    model().write(folder.resolve("b.gguf"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(folder + ": holds several weight files, say which: a.gguf, b.gguf");
  }

  @Test
  void prefersSafetensorsAndSaysSo() throws IOException {
    write(model());
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"openai-gpt\"}");
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("model.safetensors"));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.description()).isEqualTo("model.safetensors (not m.gguf)");
    }
    assertThat(ModelConfig.read(folder).nPositions()).isEqualTo(512);
    assertThat(ModelConfig.read(folder.resolve("m.gguf")).nPositions()).isEqualTo(8);
  }

  private static GgufBytes vocabulary(GgufBytes bytes) {
    return bytes
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", "a", "b", "ab", "<x>", "y z")
        .key("tokenizer.ggml.token_type", 9, 5, 5L, 1, 1, 1, 3, 4)
        .texts("tokenizer.ggml.merges", "a b");
  }

  @Test
  void readsTheVocabulary() throws IOException {
    write(
        vocabulary(model())
            .number("tokenizer.ggml.bos_token_id", 3)
            .key("tokenizer.ggml.add_bos_token", 7, (byte) 1));
    GgufVocabulary vocabulary = GgufVocabulary.read(folder).orElseThrow();
    assertThat(vocabulary.pieces().members().keySet()).containsExactly("a", "b", "ab");
    assertThat(vocabulary.added())
        .containsExactly(
            new GgufVocabulary.Added(3, "<x>", true), new GgufVocabulary.Added(4, "y z", false));
    assertThat(vocabulary.merges()).containsExactly("a b");
    assertThat(vocabulary.bos()).hasValue(3);
    assertThat(vocabulary.eos()).isEmpty();
    assertThat(vocabulary.addBos()).isTrue();
    assertThat(vocabulary.addEos()).isFalse();
  }

  @Test
  void hasNoVocabularyWhereThereIsNone() throws IOException {
    assertThat(GgufVocabulary.read(folder)).isEmpty();
    write(model());
    assertThat(GgufVocabulary.read(folder)).isEmpty();
    assertThat(GgufVocabulary.read(Fixtures.model("gpt2-lm"))).isEmpty();
  }

  private void assertVocabularyRefused(GgufBytes bytes, String words) throws IOException {
    Path file = write(bytes);
    assertThatThrownBy(() -> GgufVocabulary.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("m.gguf: ")
        .hasMessageContaining(words);
  }

  @Test
  void refusesOtherTokenizers() throws IOException {
    assertVocabularyRefused(
        new GgufBytes().text("tokenizer.ggml.model", "llama"),
        "'tokenizer.ggml.model' is 'llama'; supported: gpt2");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .text("tokenizer.ggml.pre", "llama-bpe"),
        "'tokenizer.ggml.pre' is 'llama-bpe'; supported: gpt-2");
  }

  @Test
  void refusesBrokenVocabularies() throws IOException {
    GgufBytes gpt2 = new GgufBytes().text("tokenizer.ggml.model", "gpt2");
    assertVocabularyRefused(gpt2, "has no metadata key 'tokenizer.ggml.tokens'");
    assertVocabularyRefused(
        new GgufBytes().text("tokenizer.ggml.model", "gpt2").number("tokenizer.ggml.tokens", 1),
        "'tokenizer.ggml.tokens' is 1, expected an array");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .key("tokenizer.ggml.tokens", 9, 0, 1L, (byte) 1),
        "is array of 1 uint8, expected an array of strings");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .texts("tokenizer.ggml.tokens", "a", "b", "a"),
        "has the token 'a' twice");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .texts("tokenizer.ggml.tokens", "a")
            .key("tokenizer.ggml.token_type", 9, 5, 2L, 1, 1),
        "has 2 elements, but there are 1 tokens");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .texts("tokenizer.ggml.tokens", "a")
            .key("tokenizer.ggml.token_type", 9, 5, 1L, 7),
        "has type 7 for token 0, expected 0 to 6");
    assertVocabularyRefused(
        new GgufBytes().text("tokenizer.ggml.model", "gpt2").texts("tokenizer.ggml.tokens", "a"),
        "has no metadata key 'tokenizer.ggml.merges'");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .key("tokenizer.ggml.tokens", 9, 8, 1L, 1L, (byte) 0xff),
        "an element of metadata 'tokenizer.ggml.tokens' is not UTF-8");
    assertVocabularyRefused(
        vocabulary(new GgufBytes()).number("tokenizer.ggml.eos_token_id", 5),
        "'tokenizer.ggml.eos_token_id' is 5, expected an integer from 0 to 4");
    assertVocabularyRefused(
        new GgufBytes()
            .text("tokenizer.ggml.model", "gpt2")
            .key("tokenizer.ggml.tokens", 9, 8, (1L << 21) + 1, new byte[8 * ((1 << 21) + 1)]),
        "has 2097153 elements, supported are up to 2097152");
  }
}
