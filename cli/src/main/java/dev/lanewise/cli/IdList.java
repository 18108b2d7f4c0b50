package dev.lanewise.cli;

import java.util.regex.Pattern;

/** The value of an option such as {@code --ids}: {@code 1,2,3}. */
final class IdList {

  private static final Pattern COMMA = Pattern.compile(",", Pattern.LITERAL);
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");

  private IdList() {}

  /**
   * Checks the form of a list.
   *
   * @throws UsageException if it is not made of integers and commas
   */
  static void check(String option, String list) {
    for (String part : split(list)) {
      if (!INTEGER.matcher(part.strip()).matches()) {
        throw new UsageException(option + ": expected integers as in 1,2,3, found '" + part + "'");
      }
    }
  }

  /**
   * The ids of a list that has been checked.
   *
   * @throws InputException if one does not fit an int
   */
  static int[] parse(String list) throws InputException {
    String[] parts = split(list);
    int[] ids = new int[parts.length];
    for (int i = 0; i < ids.length; i++) {
      try {
        ids[i] = Integer.parseInt(parts[i].strip());
      } catch (NumberFormatException e) {
        throw new InputException("--ids", "id " + parts[i].strip() + " is out of range", e);
      }
    }
    return ids;
  }

  private static String[] split(String list) {
    return list.isBlank() ? new String[0] : COMMA.split(list, -1);
  }
}
