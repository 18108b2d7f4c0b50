package dev.lanewise.internal.model;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.ClassifierConfig;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.ModelConfig.Architecture;
import dev.lanewise.loader.Pooling;
import dev.lanewise.loader.SafetensorsWriter;
import dev.lanewise.loader.SafetensorsWriter.Tensor;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Writes a model with a new head: weights, config and tokenizer. */
public final class FittedFolder {

  private static final String PREFIX = "transformer.";

  /** Of the base, what the config of a classifier says otherwise. */
  private static final Set<String> REPLACED =
      Set.of(
          "architectures",
          "id2label",
          "label2id",
          "num_labels",
          "problem_type",
          ClassifierConfig.KEY);

  private static final List<String> TOKENIZER =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "vocab.json",
          "merges.txt",
          "special_tokens_map.json",
          "added_tokens.json");

  private FittedFolder() {}

  /**
   * Writes the folder.
   *
   * @param weights {@code (labels, width of the pooling)}
   * @param bias of each label, or empty for none
   */
  public static void write(
      Path base, Path target, List<String> labels, Pooling pooling, float[][] weights, float[] bias)
      throws IOException {
    NewFolder.write(
        base,
        target,
        folder -> {
          writeWeights(base, folder.resolve("model.safetensors"), weights, bias);
          Files.writeString(
              folder.resolve(ModelConfig.FILE_NAME), config(base, labels, pooling) + "\n");
          for (String name : TOKENIZER) {
            if (Files.exists(base.resolve(name))) {
              Files.copy(base.resolve(name), folder.resolve(name));
            }
          }
          for (Path licence : NewFolder.licences(base)) {
            Files.copy(licence, folder.resolve(Objects.requireNonNull(licence.getFileName())));
          }
        });
  }

  private static void writeWeights(Path base, Path file, float[][] weights, float[] bias)
      throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(base)) {
      Set<String> unused = Set.copyOf(GptTensors.of(checkpoint, ModelConfig.read(base)).unused());
      List<Tensor> out = new ArrayList<>();
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        if (!unused.contains(tensor.name()) && !isHead(tensor.name())) {
          Tensor same = TensorRounding.of(checkpoint, tensor, Layout.OUT_IN, tensor.dtype());
          String name = tensor.name().startsWith(PREFIX) ? tensor.name() : PREFIX + tensor.name();
          out.add(new Tensor(name, same.dtype(), same.shape(), same.content()));
        }
      }
      out.add(
          floats(
              "score.weight", List.of((long) weights.length, (long) weights[0].length), weights));
      if (bias.length > 0) {
        out.add(floats("score.bias", List.of((long) bias.length), bias));
      }
      SafetensorsWriter.write(file, out, Map.of("format", "pt"));
    }
  }

  private static boolean isHead(String name) {
    return name.startsWith("lm_head.")
        || name.startsWith("score.")
        || name.startsWith("multiple_choice_head.");
  }

  private static Tensor floats(String name, List<Long> shape, float[]... rows) {
    return new Tensor(
        name,
        DType.F32,
        shape,
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            for (float[] row : rows) {
              MemorySegment bytes = arena.allocate((long) row.length * Float.BYTES);
              MemorySegment.copy(row, 0, bytes, OutputHead.FLOAT, 0, row.length);
              sink.write(bytes);
            }
          }
        });
  }

  private static String config(Path base, List<String> labels, Pooling pooling) throws IOException {
    JsonObject said = Json.read(base.resolve(ModelConfig.FILE_NAME)).asObject();
    boolean gpt2 = ModelConfig.read(base).architecture() == Architecture.GPT2;
    JsonWriter json = new JsonWriter().beginObject();
    for (Map.Entry<String, JsonValue> member : said.members().entrySet()) {
      if (!REPLACED.contains(member.getKey())) {
        json.name(member.getKey()).value(member.getValue());
      }
    }
    json.name("architectures").beginArray();
    json.value((gpt2 ? "GPT2" : "OpenAIGPT") + "ForSequenceClassification").end();
    json.name("id2label").beginObject();
    for (int id = 0; id < labels.size(); id++) {
      json.name(String.valueOf(id)).value(labels.get(id));
    }
    json.end();
    json.name("label2id").beginObject();
    for (int id = 0; id < labels.size(); id++) {
      json.name(labels.get(id)).value(id);
    }
    json.end();
    json.name("problem_type").value("single_label_classification");
    if (pooling != Pooling.LAST) {
      json.name(ClassifierConfig.KEY).beginObject();
      json.name("pooling").value(pooling.label()).end();
    }
    return json.end().text();
  }
}
