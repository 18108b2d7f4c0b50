package dev.lanewise.loader;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * Stored tensors under canonical names: those of the reference without the prefix of the model
 * inside a head ({@code h.0.ln_1.weight}, {@code score.weight}).
 */
final class TensorNames {

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

  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final boolean prefixed;

  TensorNames(Checkpoint checkpoint) throws IncompatibleCheckpointException {
    boolean anyPrefixed = false;
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      if (isMask(tensor.name())) {
        continue;
      }
      String name = canonical(tensor.name());
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

  /** Tensors by canonical name, masks apart. */
  SequencedMap<String, TensorInfo> tensors() {
    return tensors;
  }

  /** The name that a missing tensor of the model would have in this checkpoint. */
  String stored(String canonical) {
    boolean ofHead =
        canonical.startsWith("lm_head.")
            || canonical.startsWith("score.")
            || canonical.startsWith("multiple_choice_head.");
    return prefixed && !ofHead ? PREFIX + canonical : canonical;
  }
}
