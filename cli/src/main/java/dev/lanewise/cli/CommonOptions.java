package dev.lanewise.cli;

import dev.lanewise.WeightStorage;
import dev.lanewise.WeightType;
import dev.lanewise.kernels.KernelMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command. */
final class CommonOptions {

  private static final int MAX_THREADS = 1024;

  @Option(names = "--json", description = "One JSON object a line.")
  boolean json;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = ThreadCount.class,
      description =
          "Threads of one call, or of many texts (default: 1 to classify, else all processors).")
  @Nullable Integer threads;

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      converter = KernelChoice.class,
      description = "auto (default), vector or scalar; all give the same results.")
  KernelMode kernels = KernelMode.AUTO;

  @Option(
      names = "--weights",
      paramLabel = "PLACE",
      converter = WeightChoice.class,
      description =
          "packed (default): copied once into the order of the vector kernels; mapped: read in the"
              + " file, which other processes share.")
  private @Nullable WeightStorage place;

  @Option(
      names = "--copy",
      description =
          "Read the weights when the model is opened and map nothing: for files that somebody else"
              + " may cut or overwrite.")
  private boolean copy;

  @Option(
      names = "--quantize",
      paramLabel = "TYPE",
      converter = TypeChoice.class,
      description =
          "Round the matrices as the model is opened: q8_0, q4_0, i8, i8a8, f16, bf16 or f32"
              + " (default: as the file has them).")
  WeightType type = WeightType.STORED;

  @Option(names = "--quiet", description = "No status line, speeds or warnings on stderr.")
  boolean quiet;

  @Option(names = "--stacktrace", description = "Where an error came from.")
  boolean stacktrace;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this and an example.")
  boolean help;

  /** Threads of a command that works on many texts, each on one thread. */
  int threadsForMany() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** Where weights are read from. */
  WeightStorage storage() {
    if (copy && place != null) {
      throw new UsageException("--copy and --weights exclude each other");
    }
    return copy ? WeightStorage.COPIED : place == null ? WeightStorage.PACKED : place;
  }

  /** 1 to 1024. */
  static final class ThreadCount implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      int threads;
      try {
        threads = Integer.parseInt(value);
      } catch (NumberFormatException e) {
        threads = 0;
      }
      if (threads < 1 || threads > MAX_THREADS) {
        throw new TypeConversionException(
            "expected 1 to " + MAX_THREADS + ", found '" + value + "'");
      }
      return threads;
    }
  }

  /** Where weights are. */
  static final class WeightChoice implements ITypeConverter<WeightStorage> {
    @Override
    public WeightStorage convert(String value) {
      return switch (value) {
        case "packed" -> WeightStorage.PACKED;
        case "mapped" -> WeightStorage.MAPPED;
        default ->
            throw new TypeConversionException("expected packed or mapped, found '" + value + "'");
      };
    }
  }

  /** Type of the matrices. */
  static final class TypeChoice implements ITypeConverter<WeightType> {
    @Override
    public WeightType convert(String value) {
      for (WeightType type : WeightType.values()) {
        if (type != WeightType.STORED && type.name().equalsIgnoreCase(value)) {
          return type;
        }
      }
      throw new TypeConversionException(
          "expected q8_0, q4_0, i8, i8a8, f16, bf16 or f32, found '" + value + "'");
    }
  }

  /** A kind of kernels. */
  static final class KernelChoice implements ITypeConverter<KernelMode> {
    @Override
    public KernelMode convert(String value) {
      for (KernelMode mode : KernelMode.values()) {
        if (mode.label().equals(value)) {
          return mode;
        }
      }
      throw new TypeConversionException("expected auto, vector or scalar, found '" + value + "'");
    }
  }
}
