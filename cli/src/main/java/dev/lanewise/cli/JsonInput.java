package dev.lanewise.cli;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads one line of {@code --jsonl}: a string, or an object with {@code text} (and perhaps {@code
 * context}) or {@code ids}. Other fields are the caller's own and are left alone, except those that
 * would change the result if they were obeyed.
 */
final class JsonInput {

  private static final List<String> UNSUPPORTED = List.of("pair", "choices");

  private JsonInput() {}

  /**
   * Parses a line.
   *
   * @param where for messages
   * @throws MalformedCheckpointException if it is not JSON, or other JSON
   */
  static Input parse(String where, String line) throws IOException {
    JsonValue value = Json.parse(line, where);
    if (value.isString()) {
      return Input.ofText(where, value.asString(), null);
    }
    if (!value.isObject()) {
      throw value.expected("a string, or an object with 'text' or 'ids'");
    }
    JsonObject object = value.asObject();
    for (String name : UNSUPPORTED) {
      if (object.has(name)) {
        throw new InputException(where, "field '" + name + "' is not supported");
      }
    }
    Optional<JsonValue> text = object.find("text");
    Optional<JsonValue> ids = object.find("ids");
    Optional<JsonValue> context = object.find("context");
    if (text.isPresent() == ids.isPresent()) {
      throw new InputException(where, "expected one of the fields 'text' and 'ids'");
    }
    if (ids.isPresent()) {
      if (context.isPresent()) {
        throw new InputException(where, "field 'context' needs 'text', not 'ids'");
      }
      return Input.ofIds(where, ids(ids.get().asArray()));
    }
    return Input.ofText(
        where,
        text.orElseThrow().asString(),
        context.isPresent() ? context.get().asString() : null);
  }

  private static int[] ids(JsonArray array) throws MalformedCheckpointException {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }
}
