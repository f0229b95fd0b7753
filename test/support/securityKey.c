// A security key in software, for ssh's SecurityKeyProvider (PROTOCOL.u2f, sk-api version 10): ed25519 alone. Its key
// handle is the private key itself. It wants PIN, where verification is asked for, and waits for a file to be touched:
// TOUCHED. Each of its signatures, and each wrong PIN, is a line of LOG.
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { verification = 4, presence = 1, ed25519 = 1, general_error = -1, unsupported = -2, pin_required = -3 };

struct enrolled {
  uint8_t flags;
  uint8_t *public_key;
  size_t public_key_length;
  uint8_t *handle;
  size_t handle_length;
  uint8_t *signature;
  size_t signature_length;
  uint8_t *certificate;
  size_t certificate_length;
  uint8_t *data;
  size_t data_length;
};

struct signature {
  uint8_t flags;
  uint32_t counter;
  uint8_t *r;
  size_t r_length;
  uint8_t *s;
  size_t s_length;
};

static void note(const char *what) {
  FILE *file = fopen(LOG, "a");
  fprintf(file, "%s\n", what);
  fclose(file);
}

uint32_t sk_api_version(void) { return 0x000a0000; }

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_length, const char *application,
              uint8_t flags, const char *pin, void **options, struct enrolled **result) {
  if (algorithm != ed25519) return unsupported;
  struct enrolled *made = calloc(1, sizeof *made);
  made->flags = flags;
  made->handle = malloc(made->handle_length = 32);
  made->public_key = malloc(made->public_key_length = 32);
  made->signature = calloc(1, made->signature_length = 64);
  if (RAND_bytes(made->handle, 32) != 1) return general_error;
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, made->handle, 32);
  EVP_PKEY_get_raw_public_key(key, made->public_key, &made->public_key_length);
  EVP_PKEY_free(key);
  *result = made;
  return 0;
}

int sk_sign(uint32_t algorithm, const uint8_t *data, size_t data_length, const char *application,
            const uint8_t *handle, size_t handle_length, uint8_t flags, const char *pin, void **options,
            struct signature **result) {
  if (algorithm != ed25519 || handle_length != 32) return unsupported;
  if (flags & verification) {
    if (pin == NULL) return pin_required;
    if (strcmp(pin, PIN) != 0) {
      note("wrong PIN");
      return pin_required;
    }
  }
  while (flags & presence && access(TOUCHED, F_OK) != 0) usleep(10000);
  uint8_t message[32 + 1 + 4 + 32] = {0};
  SHA256((const uint8_t *)application, strlen(application), message);
  message[32] = flags & (presence | verification);
  message[36] = 1;
  SHA256(data, data_length, message + 37);
  struct signature *made = calloc(1, sizeof *made);
  made->flags = message[32];
  made->counter = 1;
  made->r = malloc(made->r_length = 64);
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, handle, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int signs = EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestSign(context, made->r, &made->r_length, message, sizeof message) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  if (!signs) return general_error;
  note("signed");
  *result = made;
  return 0;
}

int sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *count) { return unsupported; }
