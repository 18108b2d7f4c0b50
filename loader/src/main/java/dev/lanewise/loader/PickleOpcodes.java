package dev.lanewise.loader;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Opcodes of pickles that are refused, by name. */
final class PickleOpcodes {

  private static final Map<Integer, String> REFUSED =
      Map.ofEntries(
          Map.entry((int) '0', "POP"),
          Map.entry((int) '1', "POP_MARK"),
          Map.entry((int) '2', "DUP"),
          Map.entry((int) 'F', "FLOAT"),
          Map.entry((int) 'I', "INT"),
          Map.entry((int) 'L', "LONG"),
          Map.entry((int) 'S', "STRING"),
          Map.entry((int) 'V', "UNICODE"),
          Map.entry((int) 'B', "BINBYTES"),
          Map.entry((int) 'C', "SHORT_BINBYTES"),
          Map.entry((int) 'P', "PERSID"),
          Map.entry((int) 'd', "DICT"),
          Map.entry((int) 'l', "LIST"),
          Map.entry((int) 'i', "INST"),
          Map.entry((int) 'o', "OBJ"),
          Map.entry((int) 'p', "PUT"),
          Map.entry((int) 'g', "GET"),
          Map.entry(0x81, "NEWOBJ"),
          Map.entry(0x82, "EXT1"),
          Map.entry(0x83, "EXT2"),
          Map.entry(0x84, "EXT4"),
          Map.entry(0x8b, "LONG4"),
          Map.entry(0x8d, "BINUNICODE8"),
          Map.entry(0x8e, "BINBYTES8"),
          Map.entry(0x8f, "EMPTY_SET"),
          Map.entry(0x90, "ADDITEMS"),
          Map.entry(0x91, "FROZENSET"),
          Map.entry(0x92, "NEWOBJ_EX"),
          Map.entry(0x96, "BYTEARRAY8"),
          Map.entry(0x97, "NEXT_BUFFER"),
          Map.entry(0x98, "READONLY_BUFFER"));

  private PickleOpcodes() {}

  /** All that are known and refused. */
  static Map<Integer, String> refused() {
    return REFUSED;
  }

  /** The error for an opcode that has just been read. */
  static IOException refusal(ByteCursor in, int opcode) {
    String name = REFUSED.get(opcode);
    if (name == null) {
      return in.invalid(
          String.format(
              Locale.ROOT,
              "the byte 0x%02x at %d of the pickle is no opcode",
              opcode,
              in.position() - 1));
    }
    return new UnsupportedCheckpointException(
        in.place() + ": the pickle uses " + name + ", which is refused: only tensors are built");
  }
}
