// Signs documents as XAdES with the JDK alone; every line of `list` in the folder names one and how.

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.*;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

public class Sign {
    static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        for (String line : Files.readAllLines(folder.resolve("list"))) {
            sign(folder, line.split(" "));
        }
    }

    static void sign(Path folder, String[] how) throws Exception {
        String name = how[0];
        DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();
        documents.setNamespaceAware(true);
        DocumentBuilder builder = documents.newDocumentBuilder();
        Document document = builder.parse(folder.resolve(name + ".document").toFile());
        Element properties = builder.parse(folder.resolve(name + ".properties").toFile()).getDocumentElement();
        properties = (Element) document.importNode(properties, true);
        Element signed = (Element) properties.getFirstChild();
        signed.setIdAttribute("Id", true);
        byte[] key = Files.readAllBytes(folder.resolve(name + ".key"));
        PrivateKey secret = KeyFactory.getInstance(how[1]).generatePrivate(new PKCS8EncodedKeySpec(key));
        Object certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name + ".certificate"))));

        DigestMethod digest = FACTORY.newDigestMethod(how[5], null);
        List<Transform> transforms = new ArrayList<>(List.of(leavingOut(how[3])));
        transforms.add(FACTORY.newTransform(how[4], (TransformParameterSpec) null));
        Transform form = FACTORY.newTransform(how[4], (TransformParameterSpec) null);
        Reference whole = FACTORY.newReference("", digest, transforms, null, "r1");
        Reference own = FACTORY.newReference("#" + signed.getAttribute("Id"), digest, List.of(form),
                "http://uri.etsi.org/01903#SignedProperties", null);
        SignedInfo info = FACTORY.newSignedInfo(
                FACTORY.newCanonicalizationMethod(how[4], (C14NMethodParameterSpec) null),
                FACTORY.newSignatureMethod(how[2], null), List.of(whole, own));
        KeyInfoFactory keys = FACTORY.getKeyInfoFactory();
        XMLObject object = FACTORY.newXMLObject(List.of(new DOMStructure(properties)), null, null, null);
        DOMSignContext context = new DOMSignContext(secret, document.getDocumentElement());
        context.setDefaultNamespacePrefix("ds");
        context.setIdAttributeNS(signed, null, "Id");
        FACTORY.newXMLSignature(info, keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate)))), List.of(object), "s1", null)
                .sign(context);
        TransformerFactory.newInstance().newTransformer()
                .transform(new DOMSource(document), new StreamResult(folder.resolve(name + ".xml").toFile()));
    }

    static Transform leavingOut(String how) throws Exception {
        // The JDK binds the signature's own prefix anew on the filter, so it must be another one here.
        Map<String, String> prefixes = Map.of(how.equals("filter") ? "sig" : "ds", XMLSignature.XMLNS);
        return switch (how) {
            case "xpath" -> FACTORY.newTransform(Transform.XPATH,
                    new XPathFilterParameterSpec("not(ancestor-or-self::ds:Signature)", prefixes));
            case "filter" -> FACTORY.newTransform(Transform.XPATH2, new XPathFilter2ParameterSpec(
                    List.of(new XPathType("/descendant::sig:Signature", XPathType.Filter.SUBTRACT, prefixes))));
            default -> FACTORY.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null);
        };
    }
}
