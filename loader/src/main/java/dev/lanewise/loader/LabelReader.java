package dev.lanewise.loader;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the names of the classes: {@code id2label}, or {@code label2id} where that is absent. */
final class LabelReader {

  private final JsonObject json;

  LabelReader(JsonObject json) {
    this.json = json;
  }

  /** Names by id, which are 0, 1, 2 ... without gaps; empty if the config has none. */
  List<String> labels() throws MalformedCheckpointException {
    JsonValue byId = json.get("id2label");
    if (byId != null && !byId.isNull()) {
      return inOrder(byId.asObject());
    }
    JsonValue byLabel = json.get("label2id");
    return byLabel == null || byLabel.isNull() ? List.of() : inverse(byLabel.asObject());
  }

  private static List<String> inOrder(JsonObject byId) throws MalformedCheckpointException {
    TreeMap<Integer, String> labels = new TreeMap<>();
    for (Map.Entry<String, JsonValue> entry : byId.members().entrySet()) {
      String key = entry.getKey();
      if (!key.matches("[0-9]{1,9}")) {
        throw byId.invalid("has the key " + Quoted.of(key) + ", expected a class number");
      }
      JsonValue name = entry.getValue();
      put(byId, labels, Integer.parseInt(key), name.isNumber() ? number(name) : name.asString());
    }
    return withoutGaps(byId, labels);
  }

  /** A few configs have numbers for names; the reference prints them as they are. */
  private static String number(JsonValue name) throws MalformedCheckpointException {
    return name.asDecimal().toString();
  }

  private static List<String> inverse(JsonObject byLabel) throws MalformedCheckpointException {
    TreeMap<Integer, String> labels = new TreeMap<>();
    for (Map.Entry<String, JsonValue> entry : byLabel.members().entrySet()) {
      put(byLabel, labels, entry.getValue().asInt(), entry.getKey());
    }
    return withoutGaps(byLabel, labels);
  }

  private static void put(JsonObject where, SortedMap<Integer, String> labels, int id, String label)
      throws MalformedCheckpointException {
    if (labels.putIfAbsent(id, label) != null) {
      throw where.invalid("has class " + id + " twice");
    }
  }

  private static List<String> withoutGaps(JsonObject where, SortedMap<Integer, String> labels)
      throws MalformedCheckpointException {
    int expected = 0;
    for (int id : labels.keySet()) {
      if (id != expected) {
        throw where.invalid("has class " + id + ", expected class " + expected + " before it");
      }
      expected++;
    }
    return new ArrayList<>(labels.values());
  }
}
