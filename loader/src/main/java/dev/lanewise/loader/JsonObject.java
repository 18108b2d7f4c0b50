package dev.lanewise.loader;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A JSON object: members by name, in the order of the document. Immutable. */
public final class JsonObject extends JsonValue {

  private final LinkedHashMap<String, JsonValue> members = new LinkedHashMap<>();

  JsonObject(Object parent) {
    super(parent);
  }

  /** Adds a member while the document is read; false if there is one of that name. */
  boolean add(String name, JsonValue value) {
    return members.putIfAbsent(name, value) == null;
  }

  @SuppressWarnings("ReferenceEquality")
  String nameOf(JsonValue member) {
    for (Map.Entry<String, JsonValue> entry : members.entrySet()) {
      if (entry.getValue() == member) {
        return entry.getKey();
      }
    }
    throw new AssertionError("not a member");
  }

  /** All members, unmodifiable, in the order of the document. */
  public SequencedMap<String, JsonValue> members() {
    return Collections.unmodifiableSequencedMap(members);
  }

  /** Number of members. */
  public int size() {
    return members.size();
  }

  /** Whether there is a member of that name, {@code null} included. */
  public boolean has(String name) {
    return members.containsKey(name);
  }

  /** The member of that name, which may be a JSON {@code null}; Java's null if there is none. */
  public @Nullable JsonValue get(String name) {
    return members.get(name);
  }

  /** The member of that name, empty if there is none or it is {@code null}. */
  public Optional<JsonValue> find(String name) {
    return Optional.ofNullable(members.get(name)).filter(value -> !value.isNull());
  }

  /**
   * The member of that name.
   *
   * @throws MalformedCheckpointException if there is none
   */
  public JsonValue required(String name) throws MalformedCheckpointException {
    JsonValue value = members.get(name);
    if (value == null) {
      throw invalid("has no key " + Quoted.of(name));
    }
    return value;
  }

  /**
   * The text of the member of that name, or {@code absent} if there is none or it is {@code null}.
   *
   * @throws MalformedCheckpointException if it is something else than a string
   */
  public String string(String name, String absent) throws MalformedCheckpointException {
    JsonValue value = members.get(name);
    return (value == null || value.isNull()) ? absent : value.asString();
  }

  /**
   * The member of that name, or {@code absent} if there is none or it is {@code null}.
   *
   * @throws MalformedCheckpointException if it is something else than true or false
   */
  public boolean bool(String name, boolean absent) throws MalformedCheckpointException {
    JsonValue value = members.get(name);
    return (value == null || value.isNull()) ? absent : value.asBoolean();
  }

  @Override
  public boolean isObject() {
    return true;
  }

  @Override
  public JsonObject asObject() {
    return this;
  }

  @Override
  String description() {
    return "an object";
  }
}
