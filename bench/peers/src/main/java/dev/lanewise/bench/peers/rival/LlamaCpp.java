package dev.lanewise.bench.peers.rival;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import dev.lanewise.bench.contest.Contestant;
import java.nio.file.Path;
import java.util.List;

/** llama.cpp in its Java binding. */
public final class LlamaCpp {

  private static final int CONTEXT = 1024;
  private static final int BATCH = 512;

  private LlamaCpp() {}

  /** Flags of its JVM. */
  public static String[] flags() {
    return new String[] {"--enable-native-access=ALL-UNNAMED"};
  }

  /** Opens a GGUF file. */
  public static final class Generate implements Contestant.Opener {

    /** Called by name. */
    public Generate() {}

    @Override
    public Contestant open(Path model, int threads) {
      return new Generator(
          new LlamaModel(
              new ModelParameters()
                  .setModel(model.toString())
                  .setThreads(threads)
                  .setThreadsBatch(threads)
                  .setCtxSize(CONTEXT)
                  .setBatchSize(BATCH)
                  .setUbatchSize(BATCH)
                  .setGpuLayers(0)
                  .disableLog()));
    }
  }

  private record Generator(LlamaModel model) implements Contestant.Generator {

    /**
     * Text comes in pieces of whole characters: the first may take two tokens, then one step too
     * many is counted as part of the prompt.
     */
    @Override
    public Contestant.Continuation generate(String prompt, int[] ids, int newTokens) {
      int promptTokens = model.encode(prompt).length;
      InferenceParameters parameters =
          new InferenceParameters(prompt)
              .setNPredict(newTokens)
              .setTemperature(0)
              .setTopK(1)
              .setCachePrompt(false) // or it would not read a prompt again
              .setIgnoreEos(true);
      StringBuilder text = new StringBuilder();
      long start = System.nanoTime();
      long first = 0;
      for (LlamaOutput piece : model.generate(parameters)) {
        if (first == 0) {
          first = System.nanoTime();
        }
        text.append(piece.text);
      }
      long end = System.nanoTime();
      return new Contestant.Continuation(
          text.toString(), List.of(), promptTokens, newTokens, first - start, end - first);
    }

    @Override
    public String version() {
      return "llama.cpp, de.kherud:llama " + Version.of(LlamaModel.class);
    }

    /** The model's own close hangs now and then; the process ends next. */
    @Override
    public void close() {}
  }
}
