package dev.lanewise.cli;

import dev.lanewise.AnswerScore;
import dev.lanewise.Backend;
import dev.lanewise.loader.JsonWriter;
import java.util.List;
import java.util.Locale;

/** Ranked answers, as one JSON object or a table. */
final class AnswerPrinter {

  private AnswerPrinter() {}

  static String print(List<AnswerScore> answers, boolean json, boolean many, Backend backend) {
    return json ? json(answers, backend) + "\n" : table(answers) + (many ? "\n" : "");
  }

  private static String json(List<AnswerScore> answers, Backend backend) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("answers").beginArray();
    for (AnswerScore answer : answers) {
      json.beginObject();
      json.name("text").value(answer.text());
      json.name("index").value(answer.index());
      json.name("logProb").value(answer.logProb());
      json.name("logProbPerToken").value(answer.logProbPerToken());
      json.name("probability").value(answer.probability());
      json.end();
    }
    json.end();
    json.name("backend").value(backend.name());
    json.name("vectorBits").value(backend.vectorBits());
    return json.end().text();
  }

  private static String table(List<AnswerScore> answers) {
    StringBuilder out = new StringBuilder();
    for (AnswerScore answer : answers) {
      out.append(
          String.format(
              Locale.ROOT,
              "%6.2f%%  %10.4f  %s\n",
              100 * answer.probability(),
              answer.logProb(),
              Console.printable(answer.text())));
    }
    return out.toString();
  }
}
