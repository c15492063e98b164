// Signs and verifies with gSOAP's WS-Security plugin, and checks what the plugin leaves open.
#include "gateway.hpp"

#include <cstring>
#include <ctime>
#include <iostream>
#include <memory>

#include <openssl/pem.h>

#include "udostepnianieSoap11.nsmap"
#include "wsseapi.h"

namespace {

constexpr time_t LIFETIME_SECONDS = 300;
constexpr time_t SKEW_SECONDS = 60;

/// Exclusive C14N is written from the start, and texts are UTF-8 in the program too (the default is Latin-1).
constexpr soap_mode MODE = SOAP_XML_CANONICAL | SOAP_C_UTFSTRING;

template <class Object>
Object* read_pem(const std::string& path, Object* (*read)(FILE*, Object**, pem_password_cb*, void*)) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "r"), std::fclose);
  Object* object = file ? read(file.get(), nullptr, nullptr, nullptr) : nullptr;
  if (!object) throw std::runtime_error(path + ": cannot be read");
  return object;
}

const char* local_name(const char* name) {
  const char* colon = std::strchr(name, ':');
  return colon ? colon + 1 : name;
}

void print(const soap_dom_element* element, unsigned depth) {
  std::cout << std::string(2 * depth, ' ') << local_name(element->name);
  for (const soap_dom_attribute* one = element->atts; one; one = one->next)
    if (std::strncmp(one->name, "xmlns", 5)) std::cout << ' ' << local_name(one->name) << '=' << one->text;
  if (!element->elts && element->text) std::cout << ": " << element->text;
  std::cout << '\n';
  for (const soap_dom_element* child = element->elts; child; child = child->next) print(child, depth + 1);
}

}  // namespace

Gateway::Gateway(const std::string& url, const std::string& pki, const std::string& system)
    : soap(soap_new1(MODE)),
      url_(url),
      authority_(pki + "/ca.pem"),
      key_(read_pem(pki + "/" + system + ".key", PEM_read_PrivateKey)),
      certificate_(read_pem(pki + "/" + system + ".pem", PEM_read_X509)),
      trusted_(read_pem(pki + "/brama-rsa.pem", PEM_read_X509)) {
  soap->connect_timeout = 10;
  soap->transfer_timeout = 60;
  // The authority of the TLS certificate and of the certificates that replies bring.
  if (soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, nullptr, nullptr, authority_.c_str(), nullptr, nullptr) ||
      soap_register_plugin(soap, soap_wsse) || soap_wsse_verify_auto(soap, SOAP_SMD_NONE, nullptr, 0))
    throw std::runtime_error("gSOAP cannot be set up");
  // The plugin writes ECDSA values in DER; XML Signature 1.1 §6.4.3 wants r and s side by side.
  if (EVP_PKEY_base_id(key_) != EVP_PKEY_RSA) throw std::runtime_error(system + ": not an RSA key");
}

Gateway::~Gateway() {
  soap_destroy(soap);
  soap_end(soap);
  soap_free(soap);
  X509_free(trusted_);
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

/// For one message: a repeated signature is refused as a replay (KOMUNIKAT_POWTORZONY). The fresh id makes a difference
/// within one second, the finest that the plugin's Timestamp tells.
void Gateway::sign() {
  const std::string time = "Time-" + new_id();
  soap_wsse_delete_Security(soap);
  if (soap_wsse_add_Timestamp(soap, time.c_str(), LIFETIME_SECONDS) ||
      soap_wsse_add_BinarySecurityTokenX509(soap, "Token", certificate_) ||
      soap_wsse_add_KeyInfo_SecurityTokenReferenceX509(soap, "#Token") ||
      soap_wsse_sign_body(soap, SOAP_SMD_SIGN_RSA_SHA256, key_, 0) ||
      soap_wsse_sign_only(soap, (time + " Body").c_str()))
    throw std::runtime_error("the request cannot be signed");
}

std::string Gateway::sign_bytes(const std::string& bytes) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string value(static_cast<size_t>(EVP_PKEY_size(key_)), '\0');
  size_t size = value.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(&value[0]), &size, data, bytes.size()) != 1)
    throw std::runtime_error("the bytes cannot be signed");
  value.resize(size);
  return value;
}

std::string Gateway::certificate() const {
  std::string der(static_cast<size_t>(i2d_X509(certificate_, nullptr)), '\0');
  auto* place = reinterpret_cast<unsigned char*>(&der[0]);
  i2d_X509(certificate_, &place);
  return der;
}

/// Throws unless the call ended with a reply that the gateway signed.
void Gateway::verify(int outcome, const std::string& id) {
  // From a message whose signature does not hold the plugin removes the Security header, and reports a fault of its own;
  // what the gateway had written into a fault's detail stays.
  const bool holds = soap_wsse_SignedInfo(soap);
  const SOAP_ENV__Detail* detail = outcome && soap->fault ? soap->fault->detail : nullptr;
  if (detail && detail->w__Wyjatek) {
    const Refusal refusal(*detail->w__Wyjatek, holds);
    if (holds) {
      check_signature();
      check_echo(refusal.detail.idZadania ? *refusal.detail.idZadania : "", id);
    }
    throw refusal;
  }
  if (outcome) {
    const char* const sentence = soap_fault_string(soap);
    const char* const reason = soap_fault_detail(soap);
    const std::string text = std::string(sentence ? sentence : "no SOAP") + (reason ? std::string(", ") + reason : "");
    if (soap->status == 200) throw NotTrusted(text);
    throw NoAnswer(text);
  }
  check_signature();
}

/// That a signature holds, the plugin has checked. It accepts HMAC with a key out of the message, every certificate of
/// the authority, a message without Timestamp and a signature over anything but the Body.
void Gateway::check_signature() {
  soap->error = SOAP_OK;  // a fault that was received left its mark
  int algorithm = 0, bits = 0;
  if (soap_wsse_get_SignedInfo_SignatureMethod(soap, &algorithm, &bits) || algorithm != SOAP_SMD_VRFY_RSA_SHA256)
    throw NotTrusted("the reply is not signed with RSA and SHA-256");
  const std::unique_ptr<X509, void (*)(X509*)> signer(soap_wsse_get_KeyInfo_SecurityTokenReferenceX509(soap), X509_free);
  if (!signer || X509_cmp(signer.get(), trusted_))
    throw NotTrusted("the reply is signed by somebody else than the gateway");
  const _wsu__Timestamp* const timestamp = soap_wsse_Timestamp(soap);
  if (soap_wsse_verify_body(soap) || !timestamp || !soap_wsse_verify_element(soap, wsu_URI, "Timestamp"))
    throw NotTrusted("Body and Timestamp are not both signed");
  time_t created = 0, expires = 0;
  const time_t now = std::time(nullptr);
  if (soap_s2dateTime(soap, timestamp->Created, &created) || soap_s2dateTime(soap, timestamp->Expires, &expires) ||
      created - SKEW_SECONDS > now || now > expires + SKEW_SECONDS)
    throw NotTrusted("the reply is too old or from the future");
}

/// The signature proves who answered; the echo proves that it is an answer to this question.
void Gateway::check_echo(const std::string& echo, const std::string& id) {
  if (echo != id) throw NotTrusted("the reply answers another question");
}

void Gateway::print_reply() const {
  for (const soap_dom_element* part = soap->dom->elts; part; part = part->next)
    if (!std::strcmp(local_name(part->name), "Body")) print(part->elts, 0);
}
