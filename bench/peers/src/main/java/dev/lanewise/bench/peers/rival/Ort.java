package dev.lanewise.bench.peers.rival;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.lanewise.bench.contest.Contestant;
import dev.lanewise.bench.contest.ContestantProcess;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime with all its optimizations. */
public final class Ort {

  /** 1.29.0 overflows the usual stack of 1 MiB and kills the JVM when it opens 12 blocks. */
  private static final List<String> FLAGS = List.of("--enable-native-access=ALL-UNNAMED", "-Xss4m");

  private Ort() {}

  /** Flags of its JVM. */
  public static String[] flags() {
    return Stream.concat(FLAGS.stream(), ContestantProcess.SMALL_HEAP.stream())
        .toArray(String[]::new);
  }

  private static OrtSession session(Path model, int threads) throws IOException, OrtException {
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      return OrtEnvironment.getEnvironment().createSession(model.toString(), options);
    }
  }

  private static String describe() {
    return "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
  }

  private static long[][] batch(int[] ids) {
    return new long[][] {Arrays.stream(ids).asLongStream().toArray()};
  }

  /** Opens a classifier. */
  public static final class Classify implements Contestant.Opener {

    /** Called by name. */
    public Classify() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      try {
        return new Classifier(session(model, threads));
      } catch (OrtException e) {
        throw new IOException(model + ": " + e.getMessage(), e);
      }
    }
  }

  private record Classifier(OrtSession session) implements Contestant.Classifier {

    @Override
    public float[] logits(int[] ids) {
      try (OnnxTensor input = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), batch(ids));
          OrtSession.Result result = session.run(Map.of("input_ids", input))) {
        return ((float[][]) result.get(0).getValue())[0];
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String version() {
      return describe();
    }

    @Override
    public void close() {
      closeSession(session);
    }
  }

  private static void closeSession(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens a language model with a cache. */
  public static final class Generate implements Contestant.Opener {

    /** Called by name. */
    public Generate() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      try {
        return new Generator(session(model, threads));
      } catch (OrtException e) {
        throw new IOException(model + ": " + e.getMessage(), e);
      }
    }
  }

  private record Generator(OrtSession session) implements Contestant.Generator {

    @Override
    public Contestant.Continuation generate(String prompt, int[] ids, int newTokens) {
      try {
        return generate(ids, newTokens);
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    private Contestant.Continuation generate(int[] ids, int newTokens) throws OrtException {
      long start = System.nanoTime();
      long first = start;
      List<Integer> made = new ArrayList<>();
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      Map<String, OnnxTensor> inputs = emptyCache(environment);
      OrtSession.@Nullable Result before = null;
      for (int step = 0; step < newTokens; step++) {
        int[] next = step == 0 ? ids : new int[] {made.getLast()};
        try (OnnxTensor input = OnnxTensor.createTensor(environment, batch(next))) {
          inputs.put("input_ids", input);
          OrtSession.Result result = session.run(inputs);
          made.add(likeliest(((OnnxTensor) result.get(0)).getFloatBuffer()));
          if (before != null) {
            before.close(); // its keys and values have been copied to the new ones
          }
          before = result;
        }
        for (int layer = 0; layer < session.getNumInputs() - 1; layer++) {
          inputs.put("past_" + layer, (OnnxTensor) before.get(1 + layer));
        }
        if (step == 0) {
          first = System.nanoTime();
        }
      }
      long end = System.nanoTime();
      if (before != null) {
        before.close();
      }
      return new Contestant.Continuation(
          "", made, ids.length, made.size(), first - start, end - first);
    }

    private Map<String, OnnxTensor> emptyCache(OrtEnvironment environment) throws OrtException {
      Map<String, OnnxTensor> inputs = new HashMap<>();
      for (var entry : session.getInputInfo().entrySet()) {
        if (entry.getValue().getInfo() instanceof ai.onnxruntime.TensorInfo info
            && !entry.getKey().equals("input_ids")) {
          long[] shape = info.getShape();
          shape[3] = 0;
          inputs.put(
              entry.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), shape));
        }
      }
      return inputs;
    }

    private static int likeliest(FloatBuffer logits) {
      int best = 0;
      float most = logits.get(0);
      for (int i = 1; i < logits.limit(); i++) {
        float logit = logits.get(i);
        if (logit > most) {
          most = logit;
          best = i;
        }
      }
      return best;
    }

    @Override
    public String version() {
      return describe();
    }

    @Override
    public void close() {
      closeSession(session);
    }
  }
}
