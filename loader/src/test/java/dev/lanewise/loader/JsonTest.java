package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @Test
  void saysWhatStandsInPlaceOfAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage(
            "config.json: is a Git LFS pointer, not JSON; run 'git lfs pull' or download the file"
                + " again");
    Files.writeString(file, "<html>");
    assertThatThrownBy(() -> Json.read(file))
        .hasMessage("config.json: is an HTML page, not JSON; download the file again");
    Files.writeString(file, "");
    assertThatThrownBy(() -> Json.read(file)).hasMessageContaining("config.json: is empty");
  }

  private static JsonValue parse(String text) throws MalformedCheckpointException {
    return Json.parse(text, "a.json");
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String text) {
    return assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedCheckpointException.class);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertBytesRefused(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return assertThatThrownBy(() -> Json.parse(new ByteArrayInputStream(array), "a.json"))
        .isInstanceOf(MalformedCheckpointException.class);
  }

  @Test
  void readsEveryKindOfValue() throws IOException {
    JsonObject object =
        parse("{\"s\":\"é\\n\",\"i\":-7,\"d\":1.5e-3,\"t\":true,\"n\":null,\"a\":[1,[],{}]}")
            .asObject();
    assertThat(object.required("s").asString()).isEqualTo("é\n");
    assertThat(object.required("i").asInt()).isEqualTo(-7);
    assertThat(object.required("d").asDouble()).isEqualTo(0.0015);
    assertThat(object.required("t").asBoolean()).isTrue();
    assertThat(object.required("n").isNull()).isTrue();
    assertThat(object.required("a").asArray().size()).isEqualTo(3);
    assertThat(object.members().sequencedKeySet()).containsExactly("s", "i", "d", "t", "n", "a");
  }

  @Test
  void findsOnlyWhatIsThereAndNotNull() throws IOException {
    JsonObject object = parse("{\"n\":null,\"b\":false,\"s\":\"x\"}").asObject();
    assertThat(object.find("n")).isEmpty();
    assertThat(object.find("missing")).isEmpty();
    assertThat(object.get("missing")).isNull();
    assertThat(object.has("n")).isTrue();
    assertThat(object.bool("b", true)).isFalse();
    assertThat(object.bool("n", true)).isTrue();
    assertThat(object.string("s", "y")).isEqualTo("x");
    assertThat(object.string("missing", "y")).isEqualTo("y");
  }

  @Test
  void keepsEveryDigitOfNumbers() throws IOException {
    JsonArray array =
        parse("[9223372036854775807,-9223372036854775808,9223372036854775808,0.1000]").asArray();
    assertThat(array.get(0).asLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(array.get(1).asLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(array.get(2).asDecimal()).isEqualTo(new BigDecimal("9223372036854775808"));
    assertThat(array.get(3).asDecimal()).isEqualTo(new BigDecimal("0.1000"));
    assertThatThrownBy(() -> array.get(2).asLong())
        .hasMessage(
            "a.json: '[2]' is the number 9223372036854775808, expected an integer of 64 bits");
  }

  @Test
  void namesFilePathFoundAndExpected() throws IOException {
    JsonValue root = parse("{\"model\":{\"merges\":[[\"a\",\"b\"],[1,2.0,3000000000,1e999]]}}");
    JsonArray merges = root.asObject().required("model").asObject().required("merges").asArray();
    JsonArray second = merges.get(1).asArray();
    assertThatThrownBy(() -> second.get(0).asString())
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("a.json: 'model.merges[1][0]' is the number 1, expected a string");
    assertThatThrownBy(() -> second.get(1).asInt())
        .hasMessage("a.json: 'model.merges[1][1]' is the number 2.0, expected an integer");
    assertThatThrownBy(() -> second.get(2).asInt())
        .hasMessage(
            "a.json: 'model.merges[1][2]' is the number 3000000000, expected an integer of 32"
                + " bits");
    assertThatThrownBy(() -> second.get(3).asDouble())
        .hasMessage(
            "a.json: 'model.merges[1][3]' is the number 1e999, expected a number up to"
                + " 1.7976931348623157E308");
    assertThatThrownBy(() -> root.asObject().required("modle"))
        .hasMessage("a.json: the document has no key 'modle'");
    assertThatThrownBy(() -> merges.asObject())
        .hasMessage("a.json: 'model.merges' is an array, expected an object");
    assertThatThrownBy(() -> root.asArray())
        .hasMessage("a.json: the document is an object, expected an array");
    assertThatThrownBy(() -> root.asObject().required("model").asBoolean())
        .hasMessage("a.json: 'model' is an object, expected true or false");
  }

  @Test
  void refusesDuplicateKeysWithTheirPlace() {
    assertRefused("{\"a\":1,\n \"b\":{\"x\":0,\"x\":0}}")
        .hasMessage("a.json: duplicate key 'x' at line 2, column 13");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,}",
        "[1,]",
        "{a:1}",
        "{'a':1}",
        "[01]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[NaN]",
        "[Infinity]",
        "[1] // comment",
        "/* comment */ [1]",
        "[\"\t\"]",
        "[\"\\x\"]",
        "[nul]",
        "[1",
        "[\"a",
        "{\"a\":",
        "{\"a\"}",
        "]",
      })
  void refusesWhatIsNotJson(String text) {
    assertRefused(text).hasMessageStartingWith("a.json: ").hasMessageContaining(" at line 1, col");
  }

  @ParameterizedTest
  @CsvSource({"''", "' '"})
  void refusesAnEmptyText(String text) {
    assertRefused(text).hasMessageContaining("the JSON ends where a value is expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{} {}", "[1] 2", "1 x", "{}]", "[]\u0000"})
  void refusesWhatFollowsTheValue(String text) {
    assertRefused(text);
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    assertBytesRefused('[', '"', 0xff, '"', ']').hasMessageContaining("invalid UTF-8");
    assertBytesRefused('[', '"', 0xc0, 0x80, '"', ']').hasMessageContaining("invalid UTF-8");
    assertBytesRefused('[', '"', 0xed, 0xa0, 0x80, '"', ']').hasMessageContaining("invalid UTF-8");
    assertBytesRefused('{', '"', 0xe2, 0x82).hasMessageContaining("invalid UTF-8");
  }

  @Test
  void refusesAByteOrderMarkAndOtherEncodings() {
    assertBytesRefused(0xef, 0xbb, 0xbf, '[', ']');
    assertBytesRefused('[', 0, ']', 0);
    assertBytesRefused(0xff, 0xfe, '[', 0, ']', 0);
  }

  @Test
  void refusesHalfOfASurrogatePair() throws IOException {
    assertThat(parse("\"\\ud83d\\ude00\"").asString()).isEqualTo("😀");
    assertRefused("[\"\\ud83d\"]").hasMessageContaining("half of a surrogate pair");
    assertRefused("{\"\\ude00\":1}").hasMessageContaining("surrogate");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    parse("[".repeat(100) + "]".repeat(100));
    assertRefused("[".repeat(101) + "]".repeat(101)).hasMessageContaining("depth");
    assertRefused("[".repeat(1_000_000)).hasMessageContaining("depth");
    assertRefused("{\"a\":".repeat(1_000_000)).hasMessageContaining("depth");
  }

  @Test
  void refusesMoreThanAMillionValues() throws IOException {
    assertThat(parse("[" + "0,".repeat(999_998) + "0]").asArray().size()).isEqualTo(999_999);
    assertRefused("[" + "0,".repeat(999_999) + "0]").hasMessageContaining("1000000 values");
  }

  @Test
  void refusesNumbersOfAbsurdLength() {
    assertRefused("[" + "1".repeat(1001) + "]").isInstanceOf(MalformedCheckpointException.class);
  }

  @Test
  void keepsMessagesShortAndOnOneLine() {
    assertRefused(
            "{\"" + "k\\n\\u202e".repeat(1000) + "\":1,\"" + "k\\n\\u202e".repeat(1000) + "\":1}")
        .satisfies(
            e -> assertThat(e.getMessage()).hasSizeLessThan(1200).doesNotContain("\n", "\u202e"));
  }

  @Test
  void readsFilesUpToALimit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"a\": \"€\"}", StandardCharsets.UTF_8);
    assertThat(Json.read(file).asObject().required("a").asString()).isEqualTo("€");
    assertThat(Json.read(file, 12).isObject()).isTrue();
    assertThatThrownBy(() -> Json.read(file, 11))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("config.json: has 12 bytes, expected at most 11");
  }

  @Test
  void saysThatAFileIsMissingOrADirectory(@TempDir Path folder) {
    Path file = folder.resolve("config.json");
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file + ": no such file");
    assertThatThrownBy(() -> Json.read(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("is a folder, expected a file");
  }

  @Test
  void writesOneLineThatReadsBack() throws IOException {
    String text =
        new JsonWriter()
            .beginObject()
            .name("label")
            .value("joy\n\"é")
            .name("probability")
            .value(0.1f)
            .name("loss")
            .value(Double.NaN)
            .name("ids")
            .beginArray()
            .value(1)
            .value(true)
            .nullValue()
            .end()
            .end()
            .text();
    assertThat(text)
        .isEqualTo(
            "{\"label\":\"joy\\n\\\"é\",\"probability\":0.1,\"loss\":null,\"ids\":[1,true,null]}");
    assertThat(new JsonWriter().value(parse(text)).text()).isEqualTo(text);
  }

  @Test
  void writesHalfASurrogatePairAsReplacementCharacter() {
    assertThat(new JsonWriter().value("a\ud83d😀\ude00").text()).isEqualTo("\"a\ufffd😀\ufffd\"");
  }

  @Test
  void writerRefusesWhatIsUnfinishedOrMisplaced() {
    assertThatThrownBy(() -> new JsonWriter().beginObject().text())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().beginObject().value(1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().end()).isInstanceOf(IllegalStateException.class);
  }
}
