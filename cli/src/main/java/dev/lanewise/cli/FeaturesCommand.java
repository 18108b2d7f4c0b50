package dev.lanewise.cli;

import dev.lanewise.FeatureExtractor;
import dev.lanewise.Truncation;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.NpyWriter;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lanewise features}. */
@picocli.CommandLine.Command(
    name = "features",
    description = "Gives hidden states of texts, for a model of one's own on top.",
    sortOptions = false,
    footer = {
      "",
      "One vector for each text, or with --per-token one for each token; numbers with tabs between",
      "them, a line for each vector. --npy FILE writes all vectors as one NumPy array instead.",
      "",
      "JSON fields: features (of the text, or one array for each token), tokens, layer, pooling",
      "(null per token), truncated, backend.",
      "",
      "Examples:",
      "  lanewise features \"hello there\" --pooling mean",
      "  lanewise features - --layer 2 --npy states.npy < texts.txt"
    })
final class FeaturesCommand implements Command {

  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts, or '-' for stdin.")
  private List<String> texts = List.of();

  @Mixin private final InputOptions input = new InputOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "0 for the embedding, else the number of blocks done (default: all).")
  private @Nullable Integer layer;

  @Option(
      names = "--pooling",
      paramLabel = "STATES",
      converter = PoolingChoice.class,
      description = "What makes one vector of a text's states: last (default), mean, or last+mean.")
  private @Nullable Pooling pooling;

  @Option(names = "--per-token", description = "The state of each token.")
  private boolean perToken;

  @Option(
      names = "--npy",
      paramLabel = "FILE",
      description = "Write float32 vectors as a NumPy array (vectors, width).")
  private @Nullable String npy;

  @Option(
      names = "--truncation",
      paramLabel = "WHAT",
      converter = TruncationChoice.class,
      description =
          "A text longer than the context is an error (default), or start or end is kept.")
  private Truncation truncation = Truncation.ERROR;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    input.check(texts, "TEXT");
    if (perToken && pooling != null) {
      throw new UsageException("--per-token and --pooling exclude each other");
    }
    if (npy != null && common.json) {
      throw new UsageException("--npy and --json exclude each other");
    }
    if (truncation == Truncation.WINDOWS) {
      throw new UsageException("--truncation: expected error, start or end, found 'window'");
    }
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.LANGUAGE);
    try (FeatureExtractor extractor =
        Opening.open(console, common, model, path, o -> FeatureExtractor.open(path, o))) {
      int width = extractor.config().nEmbd();
      if (npy == null) {
        input.forEach(texts, console, in -> console.print(show(extractor, in)));
        return;
      }
      Path target = Path.of(npy);
      try (NpyWriter writer = new NpyWriter(target, perToken ? width : pooling().width(width))) {
        input.forEach(
            texts,
            console,
            in -> {
              for (float[] vector : vectors(extractor, ids(extractor, in))) {
                writer.add(vector);
              }
            });
        writer.finish();
      }
    }
  }

  private Pooling pooling() {
    return pooling == null ? Pooling.LAST : pooling;
  }

  private int layer(FeatureExtractor extractor) {
    return layer == null ? extractor.layers() : layer;
  }

  private int[] ids(FeatureExtractor extractor, Input in) {
    String text = in.text();
    return text == null ? in.ids() : extractor.encode(text, truncation);
  }

  private float[][] vectors(FeatureExtractor extractor, int[] ids) {
    int layer = layer(extractor);
    return perToken
        ? extractor.states(ids, layer)
        : new float[][] {extractor.pooled(ids, layer, pooling())};
  }

  private String show(FeatureExtractor extractor, Input in) {
    int[] ids = ids(extractor, in);
    float[][] vectors = vectors(extractor, ids);
    if (common.json) {
      return json(extractor, in, ids.length, vectors) + "\n";
    }
    StringBuilder lines = new StringBuilder();
    for (float[] vector : vectors) {
      for (int i = 0; i < vector.length; i++) {
        lines.append(i == 0 ? "" : "\t").append(vector[i]);
      }
      lines.append('\n');
    }
    return lines.toString();
  }

  private String json(FeatureExtractor extractor, Input in, int tokens, float[][] vectors) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("features");
    if (perToken) {
      json.beginArray();
    }
    for (float[] vector : vectors) {
      json.beginArray();
      for (float value : vector) {
        json.value(value);
      }
      json.end();
    }
    if (perToken) {
      json.end();
    }
    json.name("tokens").value(tokens);
    json.name("layer").value(layer(extractor));
    json.name("pooling").value(perToken ? null : pooling().label());
    json.name("truncated").value(isCut(extractor, in, tokens));
    json.name("backend").value(extractor.backend().name());
    return json.end().text();
  }

  private boolean isCut(FeatureExtractor extractor, Input in, int tokens) {
    String text = in.text();
    return text != null
        && tokens == extractor.config().nPositions()
        && extractor.tokenizer().encode(text).length > tokens;
  }
}
