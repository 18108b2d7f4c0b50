package dev.lanewise.loader;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs the opcodes of a Python pickle that build plain values: none, truth values, integers,
 * floats, text, tuples, lists and dicts. Classes, calls and references to data outside are left to
 * {@link Classes}, which refuses what it does not know; nothing else can come out of a pickle.
 *
 * <p>Values are never walked, so that one that holds itself does no harm.
 *
 * @see <a href="https://docs.python.org/3/library/pickletools.html">the opcodes</a>
 */
final class PickleReader {

  /** Ours: a tensor takes about 45, a large model has some hundred tensors. */
  static final int MAX_OPCODES = 150_000;

  /** Ours, of a text, in bytes. */
  static final int MAX_TEXT_BYTES = 4096;

  private static final int MAX_NAME_BYTES = 256;
  private static final int MAX_PROTOCOL = 5;

  /** What a pickle may name. */
  interface Classes {

    /** The value that stands for a class or function. */
    Object find(String name) throws IOException;

    /** What a call of it makes. */
    Object call(Object function, Tuple arguments) throws IOException;

    /** Data outside of the pickle. */
    Object load(Object id) throws IOException;
  }

  /** A tuple, which cannot change. */
  record Tuple(List<Object> values) {

    /** Compared by identity: it may hold itself. */
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "a tuple of " + values.size();
    }
  }

  /** Values that stand for themselves. */
  enum Constant {
    /** Python's None. */
    NONE,
    /** Where a tuple, a list or a dict begins. */
    MARK
  }

  private final ByteCursor in;
  private final Classes classes;
  private final List<Object> stack = new ArrayList<>();
  private @Nullable Object[] memo = new Object[64];
  private int memoized;

  private PickleReader(ByteCursor in, Classes classes) {
    this.in = in;
    this.classes = classes;
  }

  /** Reads one pickle; what follows it is left in {@code in}. */
  static Object read(ByteCursor in, Classes classes) throws IOException {
    return new PickleReader(in, classes).run();
  }

  private Object run() throws IOException {
    for (int count = 0; count < MAX_OPCODES; count++) {
      int opcode = in.u8("an opcode");
      if (opcode == '.') {
        Object value = pop();
        if (!stack.isEmpty()) {
          throw in.invalid("the pickle ends with " + (stack.size() + 1) + " values, expected one");
        }
        return value;
      }
      step(opcode);
    }
    throw new UnsupportedCheckpointException(
        in.place() + ": the pickle has more than " + MAX_OPCODES + " opcodes");
  }

  private void step(int opcode) throws IOException {
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> frame();
      case '(' -> stack.add(Constant.MARK);
      case 'N' -> stack.add(Constant.NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add((long) in.u8("a number"));
      case 'M' -> stack.add(in.unsigned(2, "a number"));
      case 'J' -> stack.add((long) in.i32("a number"));
      case 0x8a -> stack.add(number(in.u8("a length")));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.i64("a number"))));
      case 'X', 'T' -> stack.add(text(in.unsigned(4, "a length")));
      case 0x8c, 'U' -> stack.add(text(in.u8("a length")));
      case ')' -> stack.add(new Tuple(List.of()));
      case 0x85 -> stack.add(tuple(1));
      case 0x86 -> stack.add(tuple(2));
      case 0x87 -> stack.add(tuple(3));
      case 't' -> stack.add(new Tuple(List.of(unmark())));
      case ']' -> stack.add(new ArrayList<>(0));
      case 'a' -> append(pop());
      case 'e' -> append(unmark());
      case '}' -> stack.add(new LinkedHashMap<>(0));
      case 's' -> {
        Object value = pop();
        put(pop(), value);
      }
      case 'u' -> put(unmark());
      case 'q' -> memoize(in.u8("a place"));
      case 'r' -> memoize(in.unsigned(4, "a place"));
      case 0x94 -> memoize(memoized);
      case 'h' -> stack.add(recall(in.u8("a place")));
      case 'j' -> stack.add(recall(in.unsigned(4, "a place")));
      case 'c' -> stack.add(classes.find(line() + "." + line()));
      case 0x93 -> {
        Object name = pop();
        stack.add(classes.find(asText(pop()) + "." + asText(name)));
      }
      case 'Q' -> stack.add(classes.load(pop()));
      case 'R' -> {
        Object arguments = pop();
        if (!(arguments instanceof Tuple tuple)) {
          throw in.invalid("the pickle calls with something else than a tuple");
        }
        stack.add(classes.call(pop(), tuple));
      }
      case 'b' -> build();
      default -> throw PickleOpcodes.refusal(in, opcode);
    }
  }

  private void protocol() throws IOException {
    int version = in.u8("the protocol");
    if (version > MAX_PROTOCOL) {
      throw new UnsupportedCheckpointException(
          in.place() + ": the pickle has protocol " + version + ", supported are 0 to 5");
    }
  }

  /** Says how many bytes follow, which is of use to streams only. */
  private void frame() throws MalformedCheckpointException {
    long bytes = in.i64("the length of a frame");
    if (bytes < 0 || bytes > in.remaining()) {
      throw in.invalid(
          "a frame has "
              + Long.toUnsignedString(bytes)
              + " bytes, but "
              + in.remaining()
              + " follow");
    }
  }

  private long number(int bytes) throws IOException {
    if (bytes > Long.BYTES) {
      throw new UnsupportedCheckpointException(
          in.place() + ": the pickle has a number of " + bytes + " bytes, supported are up to 8");
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) in.u8("a number") << (8 * i);
    }
    // The highest bit is the sign.
    int unused = Long.SIZE - 8 * bytes;
    return bytes == 0 ? 0 : value << unused >> unused;
  }

  private String text(long bytes) throws IOException {
    if (bytes > MAX_TEXT_BYTES) {
      throw new UnsupportedCheckpointException(
          in.place()
              + ": the pickle has a text of "
              + bytes
              + " bytes, supported are up to "
              + MAX_TEXT_BYTES);
    }
    return in.utf8((int) bytes, "a text");
  }

  private String line() throws IOException {
    byte[] line = new byte[MAX_NAME_BYTES];
    for (int i = 0; i < line.length; i++) {
      int next = in.u8("the name of a class");
      if (next == '\n') {
        return new ByteCursor(in.place(), line, 0, i).utf8(i, "the name of a class");
      }
      line[i] = (byte) next;
    }
    throw in.invalid("the name of a class has more than " + MAX_NAME_BYTES + " bytes");
  }

  private String asText(Object value) throws MalformedCheckpointException {
    if (value instanceof String text) {
      return text;
    }
    throw in.invalid("the pickle names a class by something else than a text");
  }

  private Object top() throws MalformedCheckpointException {
    if (stack.isEmpty() || stack.getLast() == Constant.MARK) {
      throw in.invalid("the pickle takes a value where there is none");
    }
    return stack.getLast();
  }

  private Object pop() throws MalformedCheckpointException {
    Object value = top();
    stack.removeLast();
    return value;
  }

  /** Takes what was put down since the last mark, and the mark. */
  private Object[] unmark() throws MalformedCheckpointException {
    int mark = stack.lastIndexOf(Constant.MARK);
    if (mark < 0) {
      throw in.invalid("the pickle takes the values since a mark where there is none");
    }
    List<Object> marked = stack.subList(mark, stack.size());
    Object[] values = marked.subList(1, marked.size()).toArray();
    marked.clear();
    return values;
  }

  private Tuple tuple(int count) throws MalformedCheckpointException {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return new Tuple(List.of(values));
  }

  @SuppressWarnings("unchecked")
  private void append(Object... values) throws MalformedCheckpointException {
    if (!(top() instanceof ArrayList<?> list)) {
      throw in.invalid("the pickle appends to something else than a list");
    }
    ((ArrayList<Object>) list).addAll(Arrays.asList(values));
  }

  @SuppressWarnings("unchecked")
  private void put(Object... values) throws IOException {
    if (!(top() instanceof LinkedHashMap<?, ?> dict)) {
      throw in.invalid("the pickle sets items of something else than a dict");
    }
    if (values.length % 2 != 0) {
      throw in.invalid("the pickle sets a key without a value");
    }
    for (int i = 0; i < values.length; i += 2) {
      Object key = values[i];
      if (!(key instanceof String) && !(key instanceof Long)) {
        throw new UnsupportedCheckpointException(
            in.place() + ": the pickle has a dict whose key is neither a text nor an integer");
      }
      if (((Map<Object, Object>) dict).put(key, values[i + 1]) != null) {
        throw in.invalid("the pickle has the key " + Quoted.of(key.toString()) + " twice");
      }
    }
  }

  private void memoize(long place) throws IOException {
    if (place >= MAX_OPCODES) {
      throw new UnsupportedCheckpointException(
          in.place()
              + ": the pickle keeps a value at place "
              + place
              + ", supported are up to "
              + MAX_OPCODES);
    }
    if (place >= memo.length) {
      memo = Arrays.copyOf(memo, (int) Math.max(place + 1, 2L * memo.length));
    }
    memo[(int) place] = top();
    memoized++;
  }

  private Object recall(long place) throws MalformedCheckpointException {
    Object value = place < memo.length ? memo[(int) place] : null;
    if (value == null) {
      throw in.invalid("the pickle recalls place " + place + ", where nothing is kept");
    }
    return value;
  }

  /** An ordered dict has attributes, none of which is of use. */
  private void build() throws IOException {
    Object state = pop();
    if (!(state instanceof Map) || !(top() instanceof Map)) {
      throw new UnsupportedCheckpointException(
          in.place() + ": the pickle sets attributes (BUILD) of something else than a dict");
    }
  }
}
