package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import dev.lanewise.loader.PickleReader.Constant;
import dev.lanewise.loader.PickleReader.Tuple;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The classes and functions that a pickle of PyTorch needs to name tensors. None of them runs
 * anything: a storage is noted, a tensor is a view of one. All others are refused by name.
 */
final class TorchClasses implements PickleReader.Classes {

  /** Ours: the weights of a model have three at most. */
  private static final int MAX_DIMENSIONS = 8;

  private static final Map<String, DType> STORAGES =
      Map.of(
          "torch.FloatStorage", DType.F32,
          "torch.HalfStorage", DType.F16,
          "torch.BFloat16Storage", DType.BF16,
          "torch.DoubleStorage", DType.F64,
          "torch.BoolStorage", DType.BOOL,
          "torch.ByteStorage", DType.U8,
          "torch.CharStorage", DType.I8,
          "torch.ShortStorage", DType.I16,
          "torch.IntStorage", DType.I32,
          "torch.LongStorage", DType.I64);

  /** What may be called. */
  private enum Function {
    ORDERED_DICT("collections.OrderedDict", 0, 1),
    REBUILD_TENSOR("torch._utils._rebuild_tensor", 4, 4),
    REBUILD_TENSOR_V2("torch._utils._rebuild_tensor_v2", 6, 7),
    REBUILD_PARAMETER("torch._utils._rebuild_parameter", 3, 3);

    private final String name;
    private final int minArguments;
    private final int maxArguments;

    Function(String name, int minArguments, int maxArguments) {
      this.name = name;
      this.minArguments = minArguments;
      this.maxArguments = maxArguments;
    }
  }

  /**
   * A run of elements outside of the pickle.
   *
   * @param key its name there
   * @param elements how many
   */
  record Storage(String key, DType dtype, long elements) {

    /** Its size, which was checked. */
    long bytes() {
      return dtype.bytes(elements);
    }
  }

  /**
   * Elements of a storage, in C order.
   *
   * @param first of them, counted in elements
   */
  record Tensor(Storage storage, long first, List<Long> shape) {}

  private final String place;
  private final SequencedMap<String, Storage> storages = new LinkedHashMap<>();

  /**
   * Classes of one file.
   *
   * @param place how errors begin
   */
  TorchClasses(String place) {
    this.place = place;
  }

  /** All storages that the pickle names. */
  SequencedMap<String, Storage> storages() {
    return storages;
  }

  private UnsupportedCheckpointException unsupported(String sentence) {
    return new UnsupportedCheckpointException(place + ": the pickle " + sentence);
  }

  private MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(place + ": the pickle " + sentence);
  }

  @Override
  public Object find(String name) throws IOException {
    DType dtype = STORAGES.get(name);
    if (dtype != null) {
      return dtype;
    }
    for (Function function : Function.values()) {
      if (function.name.equals(name)) {
        return function;
      }
    }
    throw unsupported("needs " + Quoted.of(name) + ", which is refused: only tensors are built");
  }

  @Override
  public Object call(Object function, Tuple arguments) throws IOException {
    List<Object> values = arguments.values();
    if (function instanceof Function known) {
      if (values.size() < known.minArguments || values.size() > known.maxArguments) {
        throw invalid(
            "calls '"
                + known.name
                + "' with "
                + values.size()
                + " arguments, expected "
                + known.minArguments
                + " to "
                + known.maxArguments);
      }
      return switch (known) {
        case ORDERED_DICT -> orderedDict(values);
        case REBUILD_TENSOR, REBUILD_TENSOR_V2 -> tensor(values);
        case REBUILD_PARAMETER -> parameter(values.getFirst());
      };
    }
    throw unsupported("calls what is no function: only tensors are built");
  }

  private Tensor parameter(Object value) throws MalformedCheckpointException {
    if (value instanceof Tensor tensor) {
      return tensor;
    }
    throw invalid("makes a parameter of something else than a tensor");
  }

  /** Empty, or of pairs in a list, as Python 2 writes it. */
  private Map<Object, Object> orderedDict(List<Object> values) throws IOException {
    Map<Object, Object> dict = new LinkedHashMap<>(0);
    if (values.isEmpty()) {
      return dict;
    }
    if (!(values.getFirst() instanceof List<?> pairs)) {
      throw invalid("makes a dict of something else than a list of pairs");
    }
    for (Object pair : pairs) {
      List<?> items =
          pair instanceof Tuple tuple
              ? tuple.values()
              : pair instanceof List<?> list ? list : List.of();
      if (items.size() != 2 || !(items.get(0) instanceof String key)) {
        throw invalid("makes a dict of something else than pairs of a name and a value");
      }
      if (dict.put(key, items.get(1)) != null) {
        throw invalid("has the key " + Quoted.of(key) + " twice");
      }
    }
    return dict;
  }

  /** {@code ("storage", class, key, place, elements)}, in old files with a view at the end. */
  @Override
  public Object load(Object id) throws IOException {
    List<Object> values = id instanceof Tuple tuple ? tuple.values() : List.of();
    if (values.size() < 5
        || values.size() > 6
        || !values.get(0).equals("storage")
        || !(values.get(1) instanceof DType dtype)
        || !(values.get(2) instanceof String key)
        || !(values.get(3) instanceof String)
        || !(values.get(4) instanceof Long elements)) {
      throw invalid("refers to data by something else than a storage's class, key, place and size");
    }
    if (values.size() == 6 && values.get(5) != Constant.NONE) {
      throw unsupported("has a view of storage " + Quoted.of(key) + ", supported are whole ones");
    }
    if (elements < 0 || elements > Long.MAX_VALUE / dtype.blockBytes()) {
      throw invalid("has storage " + Quoted.of(key) + " of " + elements + " elements");
    }
    Storage storage = new Storage(key, dtype, elements);
    Storage other = storages.putIfAbsent(key, storage);
    if (other != null && !other.equals(storage)) {
      throw invalid(
          "has storage "
              + Quoted.of(key)
              + " of "
              + other.elements()
              + " "
              + other.dtype()
              + ", then of "
              + elements
              + " "
              + dtype);
    }
    return other == null ? storage : other;
  }

  /** Of storage, first element, shape and strides; what follows is for training. */
  private Tensor tensor(List<Object> values) throws IOException {
    if (!(values.get(0) instanceof Storage storage)
        || !(values.get(1) instanceof Long first)
        || !(values.get(2) instanceof Tuple sizes)
        || !(values.get(3) instanceof Tuple steps)) {
      throw invalid("makes a tensor of something else than a storage, an offset, sizes and steps");
    }
    // Complex conjugates and the like.
    if (values.size() == 7 && !(values.get(6) == Constant.NONE || isEmpty(values.get(6)))) {
      throw unsupported("has a tensor with attributes, supported are tensors without");
    }
    List<Long> shape = numbers(sizes);
    List<Long> strides = numbers(steps);
    if (shape.size() != strides.size()) {
      throw invalid("has a tensor of shape " + shape + " with strides " + strides);
    }
    long elements;
    try {
      elements = TensorInfo.elements(shape);
      storage.dtype().bytes(elements);
    } catch (ArithmeticException e) {
      throw new MalformedCheckpointException(
          place + ": the pickle has a tensor of shape " + shape + ", whose size passes 2^63 bytes",
          e);
    }
    if (first < 0 || first > storage.elements() || elements > storage.elements() - first) {
      throw invalid(
          "has a tensor of shape "
              + shape
              + " from element "
              + first
              + " of storage "
              + Quoted.of(storage.key())
              + ", which has "
              + storage.elements());
    }
    requireContiguous(shape, strides, elements);
    return new Tensor(storage, first, shape);
  }

  private static boolean isEmpty(@Nullable Object value) {
    return value instanceof Map<?, ?> dict && dict.isEmpty();
  }

  private List<Long> numbers(Tuple tuple) throws IOException {
    if (tuple.values().size() > MAX_DIMENSIONS) {
      throw unsupported(
          "has a tensor of "
              + tuple.values().size()
              + " dimensions, supported are up to "
              + MAX_DIMENSIONS);
    }
    List<Long> numbers = new ArrayList<>(tuple.values().size());
    for (Object value : tuple.values()) {
      if (!(value instanceof Long number) || number < 0) {
        throw invalid("has a tensor with a size or stride that is no number, or negative");
      }
      numbers.add(number);
    }
    return numbers;
  }

  private void requireContiguous(List<Long> shape, List<Long> strides, long elements)
      throws UnsupportedCheckpointException {
    long expected = 1;
    for (int i = shape.size() - 1; i >= 0 && elements > 0; i--) {
      // The stride of a single element is never used.
      if (shape.get(i) != 1 && strides.get(i) != expected) {
        throw unsupported(
            "has a tensor of shape "
                + shape
                + " with strides "
                + strides
                + ", supported is C order without gaps (save it with '.contiguous()')");
      }
      expected *= shape.get(i);
    }
  }
}
