package dev.lanewise.internal.model;

import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;

/** Turns tensors into weights. */
final class WeightLoader {

  private WeightLoader() {}

  static ModelConfig config(Path folder) throws IOException {
    if (folder.getNameCount() > 0) {
      throw new UnsupportedCheckpointException(folder + ": no reader yet");
    }
    throw new UnsupportedCheckpointException("no reader yet");
  }

  static GptWeights load(Checkpoint checkpoint, ModelConfig config, SegmentAllocator allocator)
      throws IOException {
    if (config.nLayer() > 0) {
      throw new UnsupportedCheckpointException(checkpoint.format() + allocator);
    }
    throw new UnsupportedCheckpointException("no reader yet");
  }
}
