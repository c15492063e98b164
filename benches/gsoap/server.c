// What `make bench` measures the gateway against: the same question, answered by what gSOAP generates from the same WSDL.
//
//   server parse|record|sign DEMO DATABASE      writes the port it listens on; DEMO is the demo's folder
//
// parse   the question into a struct, an answer without data
// record  that, a record read from SQLite and answered, a row written, its commit not synced
// sign    that, the question's signature over Body and Timestamp verified, the answer signed the same way

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <sqlite3.h>

#include "udostepnianieSoap11.nsmap"
#include "wsseapi.h"

enum { RECORD_BYTES = 3072, ROW_BYTES = 2048, LIFETIME_SECONDS = 300, BACKLOG = 64 };

static enum { PARSE, RECORD, SIGN } mode;

static void require(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static FILE* open_file(const char* folder, const char* name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE* const file = fopen(path, "r");
  require(file != NULL, path);
  return file;
}

// The store: one connection, its statements prepared once, its pages shared by all threads.

static pthread_mutex_t store = PTHREAD_MUTEX_INITIALIZER;
static sqlite3* database;
static sqlite3_stmt *begin, *find, *enter, *commit;

/// A row of the store: what is answered, and the whole record.
struct Record {
  char *surname, *name, *since;
  enum w__StatusNaRynkuPracy status;
  void* whole;
};

static sqlite3_stmt* prepare(const char* statement) {
  sqlite3_stmt* prepared;
  require(!sqlite3_prepare_v3(database, statement, -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL), statement);
  return prepared;
}

/// Steps a statement that gives no rows.
static int run(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  return sqlite3_reset(statement);
}

/// One record for each of the demo's persons who has a PESEL.
static void fill(const char* demo) {
  FILE* const file = open_file(demo, "osoby.csv");
  sqlite3_stmt* const insert = prepare("INSERT OR IGNORE INTO record VALUES (?, ?, ?, '2025-02-03', ?, randomblob(?))");
  char line[1024], surname[256], name[256], pesel[256];
  run(begin);
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%255[^,],%255[^,],%255[0-9]", surname, name, pesel) != 3) continue;
    sqlite3_bind_text(insert, 1, pesel, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, surname, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, name, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 4, w__StatusNaRynkuPracy__BEZROBOTNY);
    sqlite3_bind_int(insert, 5, RECORD_BYTES);
    require(!run(insert), line);
  }
  require(!run(commit), "the records are stored");
  sqlite3_finalize(insert);
  fclose(file);
}

static void open_store(const char* path, const char* demo) {
  require(!sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) &&
              !sqlite3_exec(database,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                            "CREATE TABLE record (pesel TEXT PRIMARY KEY, surname TEXT, name TEXT, since TEXT,"
                            " status INTEGER, whole BLOB);"
                            "CREATE TABLE entry (number INTEGER PRIMARY KEY, event TEXT, task TEXT, content BLOB);",
                            NULL, NULL, NULL),
          path);
  begin = prepare("BEGIN IMMEDIATE");
  commit = prepare("COMMIT");
  fill(demo);
  find = prepare("SELECT surname, name, since, status, whole FROM record WHERE pesel = ?");
  enter = prepare("INSERT INTO entry (event, task, content) VALUES (?, ?, ?)");
}

static char* text(struct soap* soap, int column) {
  return soap_strdup(soap, (const char*)sqlite3_column_text(find, column));
}

/// Reads the record of `pesel` and writes a row about it, in one transaction.
static int disclose(struct soap* soap, const char* pesel, const char* event, const char* task, struct Record* record) {
  int status = SQLITE_NOTFOUND;
  pthread_mutex_lock(&store);
  run(begin);
  sqlite3_bind_text(find, 1, pesel, -1, SQLITE_STATIC);
  if (sqlite3_step(find) == SQLITE_ROW) {
    record->surname = text(soap, 0);
    record->name = text(soap, 1);
    record->since = text(soap, 2);
    record->status = sqlite3_column_int(find, 3);
    record->whole = soap_malloc(soap, RECORD_BYTES);
    memcpy(record->whole, sqlite3_column_blob(find, 4), RECORD_BYTES);
    sqlite3_bind_text(enter, 1, event, -1, SQLITE_STATIC);
    sqlite3_bind_text(enter, 2, task, -1, SQLITE_STATIC);
    sqlite3_bind_blob(enter, 3, record->whole, ROW_BYTES, SQLITE_STATIC);
    status = run(enter);
  }
  sqlite3_reset(find);
  if (run(commit)) status = SQLITE_IOERR;
  pthread_mutex_unlock(&store);
  return status;
}

// Signatures, by gSOAP's plugin.

static char authority[4096];
static EVP_PKEY* key;
static X509* certificate;

static void load_keys(const char* demo) {
  snprintf(authority, sizeof authority, "%s/pki/ca.pem", demo);
  key = PEM_read_PrivateKey(open_file(demo, "pki/brama-rsa.key"), NULL, NULL, NULL);
  certificate = PEM_read_X509(open_file(demo, "pki/brama-rsa.pem"), NULL, NULL, NULL);
  require(key && certificate, "a key and its certificate");
}

/// That the signature holds and its certificate is the authority's, the plugin has checked; here, what it covers.
static int verify(struct soap* soap) {
  if (!soap_wsse_Timestamp(soap) || soap_wsse_verify_Timestamp(soap) || soap_wsse_verify_body(soap) ||
      !soap_wsse_verify_element(soap, wsu_URI, "Timestamp"))
    return soap_sender_fault(soap, "Body and Timestamp are not signed", NULL);
  return SOAP_OK;
}

/// Has the answer signed when it is written.
static int sign(struct soap* soap) {
  soap_wsse_delete_Security(soap);
  return soap_wsse_add_Timestamp(soap, "Time", LIFETIME_SECONDS) ||
         soap_wsse_add_BinarySecurityTokenX509(soap, "Token", certificate) ||
         soap_wsse_add_KeyInfo_SecurityTokenReferenceX509(soap, "#Token") ||
         soap_wsse_sign_body(soap, SOAP_SMD_SIGN_RSA_SHA256, key, 0) || soap_wsse_sign_only(soap, "Time Body");
}

// The service

/// `count` objects of a generated type, all fields empty, for as long as the request lives.
#define NEW(type, count) memset(soap_malloc(soap, (count) * sizeof(struct type)), 0, (count) * sizeof(struct type))

static struct _u__UdostepnijDaneOsobyOdpowiedz_dane* data(struct soap* soap, struct Record* record) {
  struct _b__UdostepnionaPUP* const person = NEW(_b__UdostepnionaPUP, 1);
  person->daneOsobowe = NEW(_b__UdostepnionaPUP_daneOsobowe, 1);
  person->daneOsobowe->nazwisko = record->surname;
  person->daneOsobowe->imie = record->name;
  person->ewidencja = NEW(_b__UdostepnionaPUP_ewidencja, 1);
  person->ewidencja->__sizeokresRejestracji = 1;
  person->ewidencja->okresRejestracji = NEW(_b__UdostepnionaPUP_ewidencja_okresRejestracji, 1);
  person->ewidencja->okresRejestracji->dataPoczatkowa = record->since;
  person->ewidencja->okresRejestracji->statusNaRynkuPracy = &record->status;
  struct _u__UdostepnijDaneOsobyOdpowiedz_dane* const data = NEW(_u__UdostepnijDaneOsobyOdpowiedz_dane, 1);
  data->__sizerekord = 1;
  data->rekord = NEW(_u__UdostepnijDaneOsobyOdpowiedz_dane_rekord, 1);
  data->rekord->__union_UdostepnijDaneOsobyOdpowiedz_dane_rekord =
      SOAP_UNION__u__union_UdostepnijDaneOsobyOdpowiedz_dane_rekord_b__UdostepnionaPUP;
  data->rekord->union_UdostepnijDaneOsobyOdpowiedz_dane_rekord.b__UdostepnionaPUP = person;
  return data;
}

int __u__UdostepnijDaneOsoby(struct soap* soap, struct _u__UdostepnijDaneOsoby* question,
                             struct _u__UdostepnijDaneOsobyOdpowiedz* answer) {
  static char* omitted[] = {"9.1", "9.2"};
  if (mode == SIGN && verify(soap)) return soap->error;
  answer->kontekst = question->kontekst;
  answer->idUdostepnienia = soap_strdup(soap, soap_rand_uuid(soap, NULL));
  answer->wynik = u__Wynik__ZNALEZIONO;
  if (mode == PARSE) return SOAP_OK;
  const char* const pesel = question->osoba->pesel;
  struct Record* const record = NEW(Record, 1);
  if (!pesel || disclose(soap, pesel, answer->idUdostepnienia, question->kontekst->idZadania, record))
    return soap_receiver_fault(soap, "the record is not disclosed", NULL);
  answer->stanNa = "2025-11-20";
  answer->dane = data(soap, record);
  answer->pominiete = NEW(_u__UdostepnijDaneOsobyOdpowiedz_pominiete, 1);
  answer->pominiete->__sizepozycja = 2;
  answer->pominiete->pozycja = omitted;
  return mode == SIGN ? sign(soap) : SOAP_OK;
}

#define ABSENT(operation)                                                               \
  int __u__##operation(struct soap* soap, struct _u__##operation* question,             \
                       struct _u__##operation##Odpowiedz* answer) {                     \
    (void)question, (void)answer;                                                       \
    return soap->error = SOAP_NO_METHOD;                                                \
  }
ABSENT(WeryfikujWystepowanieOsoby)
ABSENT(WeryfikujDaneOsoby)
ABSENT(PobierzZbiory)

/// Frees what the request before has used, and has the signature of the next one verified.
static int prepare_next(struct soap* soap) {
  soap_destroy(soap);
  soap_end(soap);
  return mode == SIGN ? soap_wsse_verify_auto(soap, SOAP_SMD_NONE, NULL, 0) : SOAP_OK;
}

/// One connection until its client ends it, on a thread of its own.
static void* serve(void* context) {
  struct soap* const soap = context;
  if (!prepare_next(soap)) soap_serve(soap);
  soap_destroy(soap);
  soap_end(soap);
  soap_free(soap);
  return NULL;
}

/// What a server without signatures would have generated: looking each prefix up and declaring it costs.
static const struct Namespace unsigned_namespaces[] = {
    {"SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/", NULL, NULL},
    {"SOAP-ENC", "http://schemas.xmlsoap.org/soap/encoding/", NULL, NULL},
    {"xsi", "http://www.w3.org/2001/XMLSchema-instance", NULL, NULL},
    {"xsd", "http://www.w3.org/2001/XMLSchema", NULL, NULL},
    {"b", "urn:brama:beneficjent:1", NULL, NULL},
    {"w", "urn:brama:wspolne:1", NULL, NULL},
    {"u", "urn:brama:udostepnianie:1", NULL, NULL},
    {NULL, NULL, NULL, NULL}};

static void listen_and_serve(void) {
  // Answers written once, UTF-8 as it comes, no search for objects met twice, no limit of requests on a connection.
  struct soap* const soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_IO_STORE | SOAP_C_UTFSTRING | SOAP_XML_TREE);
  soap->max_keep_alive = 0;
  soap->fserveloop = prepare_next;
  if (mode == SIGN) {
    soap_set_mode(soap, SOAP_XML_CANONICAL);
    soap->cafile = authority;
    require(!soap_register_plugin(soap, soap_wsse), "the plugin for signatures");
  } else {
    soap_set_namespaces(soap, unsigned_namespaces);
  }
  require(soap_valid_socket(soap_bind(soap, "127.0.0.1", 0, BACKLOG)), "a free port");
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  require(!getsockname(soap->master, (struct sockaddr*)&address, &size), "its address");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    require(soap_valid_socket(soap_accept(soap)), "a connection");
    pthread_t thread;
    require(!pthread_create(&thread, NULL, serve, soap_copy(soap)), "a thread");
    pthread_detach(thread);
  }
}

int main(int count, char** words) {
  static const char* const modes[] = {"parse", "record", "sign"};
  while (count == 4 && mode <= SIGN && strcmp(words[1], modes[mode])) mode++;
  require(count == 4 && mode <= SIGN, "usage: server parse|record|sign DEMO DATABASE");
  if (mode >= RECORD) open_store(words[3], words[2]);
  if (mode == SIGN) load_keys(words[2]);
  listen_and_serve();
}
