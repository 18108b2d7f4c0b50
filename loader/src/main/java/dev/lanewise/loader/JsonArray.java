package dev.lanewise.loader;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** A JSON array. Immutable. */
public final class JsonArray extends JsonValue implements Iterable<JsonValue> {

  private final ArrayList<JsonValue> elements = new ArrayList<>(4);

  JsonArray(Object parent) {
    super(parent);
  }

  /** Adds an element while the document is read. */
  void add(JsonValue value) {
    elements.add(value);
  }

  @SuppressWarnings("ReferenceEquality")
  int indexOf(JsonValue element) {
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i) == element) {
        return i;
      }
    }
    throw new AssertionError("not an element");
  }

  /** All elements, unmodifiable. */
  public List<JsonValue> elements() {
    return Collections.unmodifiableList(elements);
  }

  /** Number of elements. */
  public int size() {
    return elements.size();
  }

  /**
   * The element at {@code index}.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public JsonValue get(int index) {
    return elements.get(index);
  }

  @Override
  public Iterator<JsonValue> iterator() {
    return elements().iterator();
  }

  @Override
  public boolean isArray() {
    return true;
  }

  @Override
  public JsonArray asArray() {
    return this;
  }

  @Override
  String description() {
    return "an array";
  }
}
