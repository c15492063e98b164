// A signed conversation with the gateway over the stubs that soapcpp2 generates. What is asked is not in here.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "soappodpisSoap11Proxy.h"
#include "soaprejestrSoap11Proxy.h"
#include "soapudostepnianieSoap11Proxy.h"
#include "soapzasilanieSoap11Proxy.h"

/// The gateway refused; `detail` is its typed reason.
struct Refusal : std::runtime_error {
  Refusal(const _w__Wyjatek& detail, bool is_signed)
      : std::runtime_error(detail.kod + ": " + detail.komunikat), detail(detail), is_signed(is_signed) {}

  /// The same request may succeed later.
  bool may_pass() const {
    return detail.kod == "PRZECIAZENIE" || detail.kod == "NIEDOSTEPNY" || detail.kod == "LIMIT_PRZEKROCZONY";
  }

  const _w__Wyjatek detail;
  /// False before the gateway recognises the caller, or when somebody else wrote the fault.
  const bool is_signed;
};

/// The reply is not a fresh answer, signed by the gateway, to what was asked.
struct NotTrusted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// No reply came, or none that can be read.
struct NoAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Signs every request as one system and believes only what the gateway's certificate signed.
///
/// Requests and replies point into memory of the Gateway and live as long as it does.
class Gateway {
 public:
  /// `pki` holds the system's key and certificate, the gateway's certificate and the authority's.
  Gateway(const std::string& url, const std::string& pki, const std::string& system);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// The reply of one question; asked again, with the same `idZadania` and signed anew, while the gateway is busy or away.
  template <class Proxy, class Request, class Reply>
  Reply call(int (Proxy::*operation)(Request*, Reply&), Request& request) {
    for (int left = 2;; left--) {
      try {
        return call_once(operation, request);
      } catch (const Refusal& refusal) {
        if (!left || !refusal.may_pass()) throw;
      } catch (const NoAnswer&) {
        if (!left) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(500 * (3 - left)));
    }
  }

  /// A fresh `idZadania`: one question has one effect, however often it is tried.
  std::string new_id() { return soap_rand_uuid(soap, ""); }

  /// The system's signature of some bytes, and its certificate in DER.
  std::string sign_bytes(const std::string& bytes) const;
  std::string certificate() const;

  /// The payload of the last reply, element by element.
  void print_reply() const;

  /// Where the generated `soap_new_…` functions put their objects.
  struct soap* const soap;

 private:
  template <class Proxy, class Request, class Reply>
  Reply call_once(int (Proxy::*operation)(Request*, Reply&), Request& request) {
    const std::string endpoint = url_ + path(static_cast<Proxy*>(nullptr));
    Proxy service(soap, endpoint.c_str());
    Reply reply;
    sign();
    verify((service.*operation)(&request, reply), request.kontekst->idZadania);
    check_echo(reply.kontekst ? reply.kontekst->idZadania : "", request.kontekst->idZadania);
    return reply;
  }

  static const char* path(const podpisSoap11Proxy*) { return "/ws/podpis"; }
  static const char* path(const rejestrSoap11Proxy*) { return "/ws/rejestr"; }
  static const char* path(const udostepnianieSoap11Proxy*) { return "/ws/udostepnianie"; }
  static const char* path(const zasilanieSoap11Proxy*) { return "/ws/zasilanie"; }

  void sign();
  void verify(int outcome, const std::string& id);
  void check_signature();
  static void check_echo(const std::string& echo, const std::string& id);

  const std::string url_;
  const std::string authority_;
  EVP_PKEY* const key_;
  X509* const certificate_;
  X509* const trusted_;
};
