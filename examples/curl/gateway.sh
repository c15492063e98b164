# The gateway as a caller sees it: `call` signs a request, posts it, verifies the reply and compares its echo.
#
# Sourced by `run`, which sets: url, soap (1.1 or 1.2), pki (folder), system, unit, user, work (a folder of its own).

oasis=http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-
exclusive=http://www.w3.org/2001/10/xml-exc-c14n#
sha256=http://www.w3.org/2001/04/xmlenc#sha256
rsa=http://www.w3.org/2001/04/xmldsig-more#rsa-sha256
ecdsa=http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256

# Prefixes of the XPath expressions below.
declare -A namespaces=(
    [wsse]=${oasis}wssecurity-secext-1.0.xsd
    [wsu]=${oasis}wssecurity-utility-1.0.xsd
    [ds]=http://www.w3.org/2000/09/xmldsig#
    [w]=urn:brama:wspolne:1
    [u]=urn:brama:udostepnianie:1
    [z]=urn:brama:zasilanie:1
    [r]=urn:brama:rejestr:1
    [p]=urn:brama:podpis:1
    [rp]=urn:brama:raport-podpisu:1
)
if [[ $soap == 1.2 ]]; then
    namespaces[soap]=http://www.w3.org/2003/05/soap-envelope
else
    namespaces[soap]=http://schemas.xmlsoap.org/soap/envelope/
fi

skew=60 # seconds that the two clocks may be apart
request=$work/request.xml
reply=$work/reply.xml

die() {
    echo "$*" >&2
    exit 1
}

uuid() {
    cat /proc/sys/kernel/random/uuid
}

# call SERVICE OPERATION [CONTENT]: one call with one idZadania; CONTENT follows kontekst and has the prefix m.
#
# Each try is signed anew, because a repeated signature is refused as a replay. Afterwards `reply` holds an answer
# (status 0) or a fault (status 1), both signed by the gateway; whatever cannot be believed ends the script.
call() {
    local id try
    id=$(uuid)
    for try in 1 2 3; do
        build "$1" "$2" "$id" "${3:-}"
        if post "$1" "$2"; then
            if ! is_fault; then
                verify
                check_echo "/soap:Envelope/soap:Body/*/*[local-name() = 'kontekst']" "$id"
                return 0
            fi
            case $(fault_code) in
                PRZECIAZENIE | NIEDOSTEPNY | LIMIT_PRZEKROCZONY) ((try == 3)) || { sleep "$try" && continue; } ;;
            esac
            # Before it knows its caller the gateway answers unsigned.
            [[ $(xpath 'count(//ds:Signature)') != 0 ]] || die "$(explain) (not signed)"
            verify
            check_echo "$(wyjatek)" "$id"
            return 1
        fi
        sleep "$try"
    done
    die "no answer from $url"
}

# Writes the signed request.
build() {
    local service=$1 operation=$2 id=$3 content=$4 envelope body key=$pki/$system.key certificate=$pki/$system.pem method=$rsa
    [[ $(openssl x509 -in "$certificate" -noout -text) != *id-ecPublicKey* ]] || method=$ecdsa
    body="<m:$operation xmlns:m=\"urn:brama:$service:1\" xmlns:w=\"urn:brama:wspolne:1\"><m:kontekst>"
    body+="<w:idZadania>$id</w:idZadania><w:jednostka>$unit</w:jednostka><w:uzytkownik>$user</w:uzytkownik>"
    body+="</m:kontekst>$content</m:$operation>"

    envelope=$(<"$here/envelope.xml")
    envelope=${envelope//@SOAP@/"${namespaces[soap]}"}
    envelope=${envelope//@CERTIFICATE@/"$(der "$certificate")"}
    envelope=${envelope//@CREATED@/"$(date -u +%FT%TZ)"}
    envelope=${envelope//@EXPIRES@/"$(date -u -d '5 minutes' +%FT%TZ)"}
    envelope=${envelope//@METHOD@/"$method"}
    envelope=${envelope//@BODY@/"$body"}

    xmlsec --sign --privkey-pem "$key" --output "$request" <(printf '%s' "$envelope") || die "signing failed"
}

# Posts the request; fails when there is no answer, ends the script when the answer is no SOAP.
post() {
    local action="urn:brama:$1:1/$2" status headers
    if [[ $soap == 1.2 ]]; then
        headers=(-H "Content-Type: application/soap+xml; charset=utf-8; action=\"$action\"")
    else
        headers=(-H 'Content-Type: text/xml; charset=utf-8' -H "SOAPAction: \"$action\"")
    fi
    status=$(curl -sS --max-time 30 --output "$reply" --write-out '%{http_code}' "${headers[@]}" \
        --data-binary "@$request" "$url/ws/$1") || return 1
    [[ $(xpath 'count(/soap:Envelope)' 2>/dev/null) == 1 ]] || die "HTTP $status: $(head -c 500 "$reply")"
}

# Ends the script unless the gateway signed exactly this Body and a fresh Timestamp.
verify() {
    local security=/soap:Envelope/soap:Header/wsse:Security part token name signer=
    # xmlsec1 says whether a signature holds, not what it is worth: the positions and the algorithms are ours to check.
    must 'have one signature, in its Security header' "count(//ds:Signature) = 1 and count($security/ds:Signature) = 1"
    must 'be signed with the agreed algorithms' "count(//ds:SignedInfo//@Algorithm) =
        count(//ds:SignedInfo//@Algorithm[. = '$exclusive' or . = '$sha256' or . = '$rsa' or . = '$ecdsa'])"
    for part in /soap:Envelope/soap:Body "$security/wsu:Timestamp"; do
        # No other attribute has the id's value: a signed copy elsewhere proves nothing about what is read.
        must "sign its ${part##*:}, and once" "count($part) = 1 and count(//@*[. = $part/@wsu:Id]) = 1 and
            count(//ds:SignedInfo/ds:Reference[@URI = concat('#', $part/@wsu:Id)]) = 1"
    done

    # Only the certificates that the gateway's operator gave us; whatever else a reply brings is not believed.
    token=$(xpath "string($security/wsse:BinarySecurityToken)" | tr -d '[:space:]')
    for name in brama.pem brama-rsa.pem; do
        [[ $(der "$pki/$name") != "$token" ]] || signer=$pki/$name
    done
    [[ -n $signer ]] || die "the reply is signed by somebody else than the gateway"
    xmlsec --verify --pubkey-cert-pem "$signer" "$reply" || die "the reply's signature does not hold"

    local now created expires
    now=$(date +%s)
    created=$(xpath "string($security/wsu:Timestamp/wsu:Created)")
    expires=$(xpath "string($security/wsu:Timestamp/wsu:Expires)")
    (($(date -d "$created" +%s) - skew <= now && now <= $(date -d "$expires" +%s) + skew)) \
        || die "the reply is too old or from the future"
}

# The signature proves who answered; the echo proves that it is an answer to this question.
check_echo() {
    [[ $(xpath "string($1/w:idZadania)") == "$2" && $(xpath "string($1/w:jednostka)") == "$unit" ]] \
        || die "the reply answers another question"
}

is_fault() {
    [[ $(xpath 'count(/soap:Envelope/soap:Body/soap:Fault)') != 0 ]]
}

# Where the fault's detail is: SOAP 1.1 has no namespace there, SOAP 1.2 a capital D.
wyjatek() {
    echo "/soap:Envelope/soap:Body/soap:Fault/*[local-name() = 'detail' or local-name() = 'Detail']/w:Wyjatek"
}

fault_code() {
    xpath "string($(wyjatek)/w:kod)"
}

# The fault as text: code, sentence, one line per violation, the event's number.
explain() {
    local fault count i place
    fault=$(wyjatek)
    if [[ $(xpath "count($fault)") == 0 ]]; then # SOAP's own: VersionMismatch, MustUnderstand
        xpath 'normalize-space(/soap:Envelope/soap:Body/soap:Fault)'
        return
    fi
    echo "$(fault_code): $(xpath "string($fault/w:komunikat)")"
    count=$(xpath "count($fault/w:szczegoly)")
    for ((i = 1; i <= count; i++)); do
        place=$(xpath "string($fault/w:szczegoly[$i]/w:sciezka)")
        echo "  ${place:+$place: }$(xpath "string($fault/w:szczegoly[$i]/w:opis)")"
    done
    echo "  event $(xpath "string($fault/w:idZdarzenia)")"
}

# Evaluates an expression over the reply. xmllint knows no prefixes, so each p:name becomes a test of both names.
xpath() {
    local prefix rules=()
    for prefix in "${!namespaces[@]}"; do
        rules+=(-e "s|\b$prefix:([A-Za-z0-9]+)|*[local-name() = '\1' and namespace-uri() = '${namespaces[$prefix]}']|g")
    done
    xmllint --nonet --xpath "$(sed -E "${rules[@]}" <<<"$1")" "$reply"
}

must() {
    [[ $(xpath "$2") == true ]] || die "the reply is not believed: it must $1"
}

# Both ids of a WS-Security message are plain attributes to xmlsec1 until it is told that they are ids.
xmlsec() {
    local mode=$1
    shift
    xmlsec1 "$mode" --enabled-reference-uris same-doc \
        --id-attr:Id "${namespaces[soap]}:Body" --id-attr:Id "${namespaces[wsu]}:Timestamp" "$@" 2>"$work/xmlsec.log" \
        || { cat "$work/xmlsec.log" >&2; return 1; }
}

# A certificate as a BinarySecurityToken holds it.
der() {
    openssl x509 -in "$1" -outform DER | base64 -w 0
}
