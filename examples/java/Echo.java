import java.util.Objects;
import java.util.Set;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPBody;
import javax.xml.soap.SOAPException;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.w3c.dom.NodeList;

/** The signature proves who answered; the echo of `idZadania` and `jednostka` proves that it answers this question. */
final class Echo implements SOAPHandler<SOAPMessageContext> {
    private static final String COMMON = "urn:brama:wspolne:1";
    private static final String ASKED = Echo.class.getName();

    @Override
    public boolean handleMessage(SOAPMessageContext context) {
        String echo = identifiers(context);
        if ((Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) {
            context.put(ASKED, echo); // the runtime keeps it until the reply comes
        } else if (!Objects.equals(echo, context.get(ASKED))) {
            throw new X509Signature.NotTrusted("the reply answers another question");
        }
        return true;
    }

    /** A fault before authentication is unsigned and echoes nothing; it tells, but proves nothing. */
    @Override
    public boolean handleFault(SOAPMessageContext context) {
        return identifiers(context).isEmpty() || handleMessage(context);
    }

    @Override
    public void close(MessageContext context) {}

    @Override
    public Set<QName> getHeaders() {
        return Set.of();
    }

    private static String identifiers(SOAPMessageContext context) {
        try {
            SOAPBody body = context.getMessage().getSOAPBody();
            return first(body, "idZadania") + first(body, "jednostka");
        } catch (SOAPException problem) {
            throw new WebServiceException(problem);
        }
    }

    private static String first(SOAPBody body, String name) {
        NodeList found = body.getElementsByTagNameNS(COMMON, name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent();
    }
}
