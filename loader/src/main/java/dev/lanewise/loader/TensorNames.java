package dev.lanewise.loader;

import dev.lanewise.kernels.Matrix.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stored tensors under canonical names: those of the reference without the prefix of the model
 * inside a head ({@code h.0.ln_1.weight}, {@code score.weight}).
 */
final class TensorNames {

  /** The token embedding of a GGUF file, by which its names are known. */
  static final String GGUF_TOKENS = "token_embd.weight";

  private static final String PREFIX = "transformer.";

  /** Causal masks, which old versions saved with the weights. */
  private static final Pattern MASK = Pattern.compile("h\\.\\d+\\.attn\\.(bias|masked_bias)");

  /** Endings of older releases. */
  private static final List<Map.Entry<String, String>> ENDINGS =
      List.of(
          Map.entry(".g", ".weight"),
          Map.entry(".w", ".weight"),
          Map.entry(".b", ".bias"),
          Map.entry(".gamma", ".weight"),
          Map.entry(".beta", ".bias"));

  private static final Pattern GGUF_BLOCK = Pattern.compile("blk\\.(\\d+)\\.([a-z_]+)(\\..+)");

  /** Names of GGUF in a block. */
  private static final Map<String, String> GGUF_PARTS =
      Map.of(
          "attn_norm", "ln_1",
          "attn_qkv", "attn.c_attn",
          "attn_output", "attn.c_proj",
          "ffn_norm", "ln_2",
          "ffn_up", "mlp.c_fc",
          "ffn_down", "mlp.c_proj");

  /** Names of GGUF around the blocks. */
  private static final Map<String, String> GGUF_WHOLE =
      Map.of(
          GGUF_TOKENS,
          "wte.weight",
          "position_embd.weight",
          "wpe.weight",
          "output_norm.weight",
          "ln_f.weight",
          "output_norm.bias",
          "ln_f.bias",
          "output.weight",
          "lm_head.weight");

  /** Names of the original releases: "model/h0/attn/c_attn/w", perhaps with ":0" at the end. */
  private static final Pattern ORIGINAL = Pattern.compile("(?:model/)?([a-z0-9_/]+?)(?::0)?");

  private static final Pattern ORIGINAL_BLOCK = Pattern.compile("h(\\d+)\\.(.+)");

  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final boolean gguf;
  private final boolean original;
  private final boolean prefixed;

  TensorNames(Checkpoint checkpoint) throws IncompatibleCheckpointException {
    boolean anyPrefixed = false;
    original = checkpoint.tensors().keySet().stream().anyMatch(name -> name.contains("h0/"));
    gguf = checkpoint.format().startsWith(GgufShards.FORMAT);
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      if (isMask(tensor.name())) {
        continue;
      }
      String name =
          gguf
              ? ofGguf(tensor.name())
              : original ? ofOriginal(tensor.name()) : canonical(tensor.name());
      anyPrefixed |= tensor.name().startsWith(PREFIX);
      TensorInfo other = tensors.putIfAbsent(name, tensor);
      if (other != null) {
        throw new IncompatibleCheckpointException(
            tensor.place() + " is another name of " + Quoted.of(other.name()) + ", stored too");
      }
    }
    this.prefixed = anyPrefixed;
  }

  /** Whether a stored name is that of a causal mask. */
  static boolean isMask(String stored) {
    return MASK.matcher(canonical(stored)).matches();
  }

  private static String canonical(String stored) {
    String name = stored.startsWith(PREFIX) ? stored.substring(PREFIX.length()) : stored;
    for (Map.Entry<String, String> ending : ENDINGS) {
      if (name.endsWith(ending.getKey())) {
        return name.substring(0, name.length() - ending.getKey().length()) + ending.getValue();
      }
    }
    return name;
  }

  private static String ofOriginal(String stored) {
    Matcher original = ORIGINAL.matcher(stored);
    if (!original.matches()) {
      return stored;
    }
    String dotted = original.group(1).replace('/', '.');
    Matcher block = ORIGINAL_BLOCK.matcher(dotted);
    if (block.matches()) {
      return canonical("h." + block.group(1) + "." + block.group(2));
    }
    return dotted.equals("wte") || dotted.equals("wpe") ? dotted + ".weight" : canonical(dotted);
  }

  private static String ofGguf(String stored) {
    Matcher block = GGUF_BLOCK.matcher(stored);
    if (block.matches()) {
      String part = GGUF_PARTS.get(block.group(2));
      return part == null ? stored : "h." + block.group(1) + "." + part + block.group(3);
    }
    return GGUF_WHOLE.getOrDefault(stored, stored);
  }

  private static String toOriginal(String canonical) {
    String name = "model/" + canonical.replaceFirst("^h\\.", "h").replace('.', '/');
    boolean embedding = canonical.startsWith("wte.") || canonical.startsWith("wpe.");
    String weight = embedding ? "" : canonical.contains("ln_") ? "/g" : "/w";
    return name.replaceFirst("/weight$", weight).replaceFirst("/bias$", "/b");
  }

  private static String toGguf(String canonical) {
    for (Map.Entry<String, String> part : GGUF_PARTS.entrySet()) {
      Matcher block =
          Pattern.compile("h\\.(\\d+)\\." + Pattern.quote(part.getValue()) + "(\\..+)")
              .matcher(canonical);
      if (block.matches()) {
        return "blk." + block.group(1) + "." + part.getKey() + block.group(2);
      }
    }
    for (Map.Entry<String, String> whole : GGUF_WHOLE.entrySet()) {
      if (whole.getValue().equals(canonical)) {
        return whole.getKey();
      }
    }
    return canonical;
  }

  /** Whether the names are those of the original releases. */
  boolean isOriginal() {
    return original;
  }

  /** Order of the elements of the blocks' matrices. */
  Layout layout() {
    return gguf ? Layout.OUT_IN : Layout.IN_OUT;
  }

  /** Tensors by canonical name, masks apart. */
  SequencedMap<String, TensorInfo> tensors() {
    return tensors;
  }

  /** The name that a missing tensor of the model would have in this checkpoint. */
  String stored(String canonical) {
    if (gguf) {
      return toGguf(canonical);
    }
    if (original) {
      return toOriginal(canonical);
    }
    boolean ofHead =
        canonical.startsWith("lm_head.")
            || canonical.startsWith("score.")
            || canonical.startsWith("multiple_choice_head.");
    return prefixed && !ofHead ? PREFIX + canonical : canonical;
  }
}
