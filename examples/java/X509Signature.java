import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.NodeSetData;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPBody;
import javax.xml.soap.SOAPElement;
import javax.xml.soap.SOAPEnvelope;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPHeader;
import javax.xml.soap.SOAPHeaderElement;
import javax.xml.soap.SOAPMessage;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * WS-Security for a JAX-WS client: signs Timestamp and Body of every request, verifies every reply.
 *
 * <p>Only what the gateway accepts is here: exclusive C14N, SHA-256, RSA (PKCS #1 v1.5) or ECDSA, the certificate as a
 * BinarySecurityToken. Add it to the handler chain of a port; it has no state, so many threads may share one.
 */
final class X509Signature implements SOAPHandler<SOAPMessageContext> {
    /** The reply is not a fresh message signed by the gateway. */
    static final class NotTrusted extends WebServiceException {
        NotTrusted(String reason) {
            super(reason);
        }
    }

    private static final String OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    private static final String WSSE = OASIS + "wssecurity-secext-1.0.xsd";
    private static final String WSU = OASIS + "wssecurity-utility-1.0.xsd";
    private static final String X509_TOKEN = OASIS + "x509-token-profile-1.0#X509v3";
    private static final String BASE64 = OASIS + "soap-message-security-1.0#Base64Binary";
    private static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    private static final String ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    private static final String SIGNED = X509Signature.class.getName();
    private static final QName SECURITY = new QName(WSSE, "Security", "wsse");

    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final XMLSignatureFactory signatures = XMLSignatureFactory.getInstance("DOM");
    private final X509Certificate certificate;
    private final PrivateKey key;
    /** The certificates that the gateway's operator gave us; whatever else a reply brings is not believed. */
    private final List<X509Certificate> trusted;

    /** Signs as `system`, whose key and certificate are in the folder `pki`, as the gateway's own certificates are. */
    X509Signature(Path pki, String system) throws IOException, GeneralSecurityException {
        certificate = certificate(pki.resolve(system + ".pem"));
        key = key(pki.resolve(system + ".key"), certificate.getPublicKey().getAlgorithm());
        trusted = List.of(certificate(pki.resolve("brama.pem")), certificate(pki.resolve("brama-rsa.pem")));
    }

    /** Whether the last reply to this port was signed by the gateway; an unsigned one can only be a fault. */
    static boolean signed(Object port) {
        Map<String, Object> context = ((BindingProvider) port).getResponseContext();
        return context != null && Boolean.TRUE.equals(context.get(SIGNED));
    }

    @Override
    public boolean handleMessage(SOAPMessageContext context) {
        try {
            if ((Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) {
                sign(context.getMessage());
            } else {
                context.put(SIGNED, verify(context.getMessage()));
                context.setScope(SIGNED, MessageContext.Scope.APPLICATION);
            }
            return true;
        } catch (SOAPException | GeneralSecurityException | MarshalException | XMLSignatureException problem) {
            throw new WebServiceException(problem);
        }
    }

    @Override
    public boolean handleFault(SOAPMessageContext context) {
        return handleMessage(context);
    }

    @Override
    public void close(MessageContext context) {}

    /** Without this the runtime would refuse every reply whose Security header says mustUnderstand. */
    @Override
    public Set<QName> getHeaders() {
        return Set.of(SECURITY);
    }

    /** The key's signature of some bytes; of an elliptic key r and s side by side. */
    byte[] over(byte[] bytes) throws GeneralSecurityException {
        boolean rsa = key.getAlgorithm().equals("RSA");
        Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update(bytes);
        return signature.sign();
    }

    /** The system's certificate in DER. */
    byte[] certificate() throws GeneralSecurityException {
        return certificate.getEncoded();
    }

    // Requests

    private void sign(SOAPMessage message)
            throws SOAPException, GeneralSecurityException, MarshalException, XMLSignatureException {
        SOAPEnvelope envelope = message.getSOAPPart().getEnvelope();
        SOAPHeader header = envelope.getHeader() == null ? envelope.addHeader() : envelope.getHeader();
        SOAPHeaderElement security = header.addHeaderElement(SECURITY);
        security.setMustUnderstand(true);

        SOAPElement token = security.addChildElement("BinarySecurityToken", "wsse");
        token.setAttribute("ValueType", X509_TOKEN);
        token.setAttribute("EncodingType", BASE64);
        token.addTextNode(Base64.getEncoder().encodeToString(certificate.getEncoded()));
        String tokenId = identify(token, "token");

        SOAPElement timestamp = security.addChildElement("Timestamp", "wsu", WSU);
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        timestamp.addChildElement("Created", "wsu").addTextNode(now.toString());
        timestamp.addChildElement("Expires", "wsu").addTextNode(now.plus(LIFETIME).toString());
        List<Reference> parts =
                List.of(reference(identify(timestamp, "time")), reference(identify(envelope.getBody(), "body")));

        SOAPElement tokenReference = security.addChildElement("SecurityTokenReference", "wsse");
        SOAPElement direct = tokenReference.addChildElement("Reference", "wsse");
        direct.setAttribute("URI", "#" + tokenId);
        direct.setAttribute("ValueType", X509_TOKEN);
        var keyInfos = signatures.getKeyInfoFactory();
        KeyInfo keyInfo = keyInfos.newKeyInfo(List.of(new DOMStructure(tokenReference)));

        String method = key.getAlgorithm().equals("RSA") ? RSA_SHA256 : ECDSA_SHA256;
        var info = signatures.newSignedInfo(
                signatures.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
                signatures.newSignatureMethod(method, null),
                parts);
        DOMSignContext context = new DOMSignContext(key, security);
        context.setDefaultNamespacePrefix("ds");
        context.setIdAttributeNS(timestamp, WSU, "Id");
        context.setIdAttributeNS(envelope.getBody(), WSU, "Id");
        // For an ECDSA key the JDK writes r and s side by side, as XML Signature wants them, not the DER of java.security.
        signatures.newXMLSignature(info, keyInfo).sign(context);
    }

    private Reference reference(String id) throws GeneralSecurityException {
        Transform exclusive = signatures.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null);
        DigestMethod sha256 = signatures.newDigestMethod(DigestMethod.SHA256, null);
        return signatures.newReference("#" + id, sha256, List.of(exclusive), null, null);
    }

    private static String identify(SOAPElement element, String kind) throws SOAPException {
        String id = kind + "-" + UUID.randomUUID();
        element.addAttribute(new QName(WSU, "Id", "wsu"), id);
        return id;
    }

    // Replies

    /** False for an unsigned fault: the gateway signs for those whom it recognised. */
    private boolean verify(SOAPMessage message)
            throws SOAPException, GeneralSecurityException, MarshalException, XMLSignatureException {
        SOAPEnvelope envelope = message.getSOAPPart().getEnvelope();
        SOAPBody body = envelope.getBody();
        if (envelope.getHeader() == null || child(envelope.getHeader(), WSSE, "Security") == null) {
            if (body.hasFault()) {
                return false;
            }
            throw new NotTrusted("the reply is not signed");
        }
        Element security = child(envelope.getHeader(), WSSE, "Security");
        Element timestamp = required(security, WSU, "Timestamp");
        Element signatureElement = required(security, XMLSignature.XMLNS, "Signature");

        Map<String, Element> identified = new HashMap<>();
        collectIds(envelope, identified);
        X509Certificate signer = signer(signatureElement, identified);
        var context = new DOMValidateContext(signer.getPublicKey(), signatureElement);
        context.setProperty("javax.xml.crypto.dsig.cacheReference", true); // what was digested can be asked for below
        identified.values().forEach(element -> context.setIdAttributeNS(element, WSU, "Id"));

        XMLSignature signature = signatures.unmarshalXMLSignature(context);
        checkMethods(signature.getSignedInfo());
        if (!signature.validate(context)) {
            throw new NotTrusted("the signature does not hold");
        }
        // Identity of nodes, not equality of ids: a signed copy elsewhere in the message proves nothing about this Body.
        for (Element part : List.of(body, timestamp)) {
            if (signature.getSignedInfo().getReferences().stream().noneMatch(reference -> digested(reference, part))) {
                throw new NotTrusted(part.getLocalName() + " is not signed");
            }
        }
        checkTime(timestamp);
        return true;
    }

    private X509Certificate signer(Element signature, Map<String, Element> identified) throws GeneralSecurityException {
        Element keyInfo = required(signature, XMLSignature.XMLNS, "KeyInfo");
        Element direct = required(required(keyInfo, WSSE, "SecurityTokenReference"), WSSE, "Reference");
        Element token = identified.get(direct.getAttribute("URI").replaceFirst("^#", ""));
        byte[] der = token == null ? new byte[0] : Base64.getMimeDecoder().decode(token.getTextContent());
        for (X509Certificate one : trusted) {
            if (Arrays.equals(one.getEncoded(), der)) {
                one.checkValidity();
                return one;
            }
        }
        throw new NotTrusted("the reply is signed by somebody else than the gateway");
    }

    private static void checkMethods(SignedInfo info) {
        boolean known = info.getCanonicalizationMethod().getAlgorithm().equals(CanonicalizationMethod.EXCLUSIVE)
                && List.of(RSA_SHA256, ECDSA_SHA256).contains(info.getSignatureMethod().getAlgorithm())
                && info.getReferences().stream().allMatch(X509Signature::isPlain);
        if (!known) {
            throw new NotTrusted("an algorithm that the gateway does not use");
        }
    }

    /** Whether the reference digests one element as it stands: a transform could leave out what matters. */
    private static boolean isPlain(Reference reference) {
        return reference.getURI() != null
                && reference.getURI().startsWith("#")
                && reference.getDigestMethod().getAlgorithm().equals(DigestMethod.SHA256)
                && reference.getTransforms().size() == 1
                && reference.getTransforms().get(0).getAlgorithm().equals(CanonicalizationMethod.EXCLUSIVE);
    }

    /** Whether the reference's digest was computed over this very element. */
    private static boolean digested(Reference reference, Element part) {
        for (Object node : (NodeSetData<?>) reference.getDereferencedData()) {
            // Not `==`: the nodes of javax.xml.soap are shells around those that the JDK digests.
            if (part.isSameNode((Node) node)) {
                return true;
            }
        }
        return false;
    }

    private static void checkTime(Element timestamp) {
        Instant now = Instant.now();
        Instant created = moment(timestamp, "Created");
        Instant expires = moment(timestamp, "Expires");
        if (created.minus(SKEW).isAfter(now) || now.isAfter(expires.plus(SKEW))) {
            throw new NotTrusted("the reply is too old or from the future");
        }
    }

    private static Instant moment(Element timestamp, String name) {
        try {
            return Instant.parse(required(timestamp, WSU, name).getTextContent());
        } catch (DateTimeException problem) {
            throw new NotTrusted("no moment in " + name);
        }
    }

    private static void collectIds(Element element, Map<String, Element> identified) {
        String id = element.getAttributeNS(WSU, "Id");
        if (!id.isEmpty() && identified.put(id, element) != null) {
            throw new NotTrusted("two elements have one Id");
        }
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element) {
                collectIds((Element) node, identified);
            }
        }
    }

    private static Element required(Element parent, String namespace, String name) {
        Element found = child(parent, namespace, name);
        if (found == null) {
            throw new NotTrusted("no " + name + " in " + parent.getLocalName());
        }
        return found;
    }

    /** The only child of that name; null when there is none. */
    private static Element child(Element parent, String namespace, String name) {
        Element found = null;
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (name.equals(node.getLocalName()) && namespace.equals(node.getNamespaceURI())) {
                if (found != null) {
                    throw new NotTrusted("more than one " + name + " in " + parent.getLocalName());
                }
                found = (Element) node;
            }
        }
        return found;
    }

    // Keys

    private static X509Certificate certificate(Path pem) throws IOException, GeneralSecurityException {
        try (var input = Files.newInputStream(pem)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(input);
        }
    }

    private static PrivateKey key(Path pem, String algorithm) throws IOException, GeneralSecurityException {
        String base64 = Files.readString(pem).replaceAll("-----[^-]*-----", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
    }
}
