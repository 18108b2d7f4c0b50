package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GGUF model in one file or in several, which are found by their names ({@code
 * name-00001-of-00003.gguf}) and held to what each says of itself. The first has the metadata of
 * the model.
 *
 * @param headers one for each file, in order
 */
record GgufShards(List<GgufReader.Header> headers) {

  /** How {@link Checkpoint#format} begins. */
  static final String FORMAT = "GGUF";

  /** Name of a part: stem, number from 1, count. */
  static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf");

  private static final String COUNT = "split.count";
  private static final String NUMBER = "split.no";
  private static final String TENSORS = "split.tensors.count";
  private static final int MAX_COUNT = 0xffff;

  /** Reads the headers of the model that {@code file} is, or is a part of. */
  static GgufShards of(Path file) throws IOException {
    GgufReader.Header header = GgufReader.read(file);
    GgufMetadata metadata = header.metadata();
    int count = (int) metadata.integer(COUNT, 1, 0, MAX_COUNT);
    if (count <= 1) {
      return new GgufShards(List.of(header));
    }
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    if (!name.matches() || Integer.parseInt(name.group(3)) != count) {
      throw metadata.invalid(
          COUNT,
          String.format(
              Locale.ROOT,
              "is %d, expected the file to be called like 'NAME-00001-of-%05d.gguf': without it the"
                  + " others cannot be found",
              count,
              count));
    }
    if (count > ShardIndex.MAX_SHARDS) {
      throw new UnsupportedCheckpointException(
          file.getFileName()
              + ": is one of "
              + count
              + " parts, supported are up to "
              + ShardIndex.MAX_SHARDS);
    }
    List<Path> files = siblings(file, name.group(1), count);
    List<GgufReader.Header> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(part(files.get(i), i, count));
    }
    requireTensors(headers);
    return new GgufShards(List.copyOf(headers));
  }

  private static List<Path> siblings(Path file, String stem, int count) throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      String name = String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", stem, i, count);
      Path part = file.resolveSibling(name);
      if (Files.notExists(part)) {
        throw new NoSuchFileException(
            part.toString(), null, "this part is missing, named by " + file.getFileName());
      }
      Signature signature = Signature.of(part);
      if (signature != Signature.GGUF) {
        throw signature.refusal(part);
      }
      files.add(part);
    }
    return files;
  }

  private static GgufReader.Header part(Path file, int number, int count) throws IOException {
    GgufReader.Header header = GgufReader.read(file);
    GgufMetadata metadata = header.metadata();
    long saysNumber = metadata.requiredInteger(NUMBER, 0, MAX_COUNT);
    long saysCount = metadata.requiredInteger(COUNT, 0, MAX_COUNT);
    if (saysNumber != number || saysCount != count) {
      throw new MalformedCheckpointException(
          String.format(
              Locale.ROOT,
              "%s: says that it is part %d of %d, expected part %d of %d by its name",
              file.getFileName(),
              saysNumber + 1,
              saysCount,
              number + 1,
              count));
    }
    return header;
  }

  private static void requireTensors(List<GgufReader.Header> headers) throws IOException {
    GgufMetadata first = headers.getFirst().metadata();
    long found = headers.stream().mapToLong(header -> header.tensors().tensors().size()).sum();
    long expected = first.integer(TENSORS, found, 0, Integer.MAX_VALUE);
    if (found != expected) {
      throw first.invalid(TENSORS, "is " + expected + ", but the parts hold " + found + " tensors");
    }
  }

  /** The metadata of the model. */
  GgufMetadata metadata() {
    return headers.getFirst().metadata();
  }

  /** What all files hold. */
  List<TensorFile> tensorFiles() {
    return headers.stream().map(GgufReader.Header::tensors).toList();
  }

  /** "GGUF, 3 parts". */
  String format() {
    return headers.size() == 1 ? FORMAT : FORMAT + ", " + headers.size() + " parts";
  }
}
