package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvReaderTest {

  private static CsvReader reader(String csv) {
    return new CsvReader(
        new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), "file.csv");
  }

  private static List<List<String>> records(String csv) throws IOException {
    CsvReader reader = reader(csv);
    List<List<String>> records = new ArrayList<>();
    for (var record = reader.next(); record != null; record = reader.next()) {
      records.add(record);
    }
    return records;
  }

  @Test
  void readsFieldsAndRecords() throws IOException {
    assertThat(records("a,b\nc,d\n")).containsExactly(List.of("a", "b"), List.of("c", "d"));
    assertThat(records("a,b\r\nc,d")).containsExactly(List.of("a", "b"), List.of("c", "d"));
    assertThat(records(",\n\n")).containsExactly(List.of("", ""), List.of(""));
    assertThat(records("")).isEmpty();
    assertThat(records("a,")).containsExactly(List.of("a", ""));
    assertThat(records(" a , é\u20ac\ud83d\ude00 ")).containsExactly(List.of(" a ", " é€😀 "));
  }

  @Test
  void readsQuotes() throws IOException {
    assertThat(records("\"a\",\"b,c\",\"say \"\"hi\"\"\",\"\"\n"))
        .containsExactly(List.of("a", "b,c", "say \"hi\"", ""));
    assertThat(records("\"two\nlines\",\"two\r\nmore\"\r\nnext,1\n"))
        .containsExactly(List.of("two\nlines", "two\r\nmore"), List.of("next", "1"));
    assertThat(records("\"\"\"\"")).containsExactly(List.of("\""));
  }

  @Test
  void passesOverAByteOrderMark() throws IOException {
    assertThat(records("\ufeffa,b\n")).containsExactly(List.of("a", "b"));
    assertThat(records("\ufeff\"a\"\n")).containsExactly(List.of("a"));
  }

  @Test
  void keepsACarriageReturnThatEndsNoRecord() throws IOException {
    assertThat(records("a\rb\r\n")).containsExactly(List.of("a\rb"));
  }

  @Test
  void goesOnBehindABadRecord() throws IOException {
    CsvReader reader = reader("a,\"b\nc\"\nx\"y,1\n\"p\"q,1\nlast,\"open\nend");
    assertThat(reader.next()).containsExactly("a", "b\nc");
    assertThatThrownBy(reader::next)
        .isInstanceOf(InputException.class)
        .hasMessage("line 3 of file.csv: a quote inside a field that has none around it");
    assertThatThrownBy(reader::next)
        .hasMessage("line 4 of file.csv: something follows the quote that ends a field");
    assertThatThrownBy(reader::next).hasMessage("line 5 of file.csv: a quoted field has no end");
    assertThat(reader.next()).isNull();
  }

  @Test
  void refusesOtherEncodings() throws IOException {
    byte[] latin = "ok,1\nx,caf\u00e9\nok,2\n".getBytes(StandardCharsets.ISO_8859_1);
    CsvReader reader = new CsvReader(new ByteArrayInputStream(latin), "file.csv");
    assertThat(reader.next()).containsExactly("ok", "1");
    assertThatThrownBy(reader::next)
        .hasMessage("line 2 of file.csv: not UTF-8 in column 2 (0xe9); convert the file to UTF-8");
    assertThat(reader.next()).containsExactly("ok", "2");
  }

  @Test
  void refusesRecordsPastTheLimit() throws IOException {
    byte[] file = new byte[LineReader.MAX_LINE_BYTES + 10];
    java.util.Arrays.fill(file, (byte) 'a');
    file[file.length - 3] = '\n';
    CsvReader reader = new CsvReader(new ByteArrayInputStream(file), "file.csv");
    assertThatThrownBy(reader::next).hasMessageContaining("longer than 16 MiB");
    assertThat(reader.next()).containsExactly("aa");
  }
}
