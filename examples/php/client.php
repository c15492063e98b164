<?php
/**
 * One service of the gateway: PHP's SoapClient from the WSDL, with every request signed and every reply verified.
 */

declare(strict_types=1);

require_once __DIR__ . '/wss.php';

/** Codes after which the same request, signed anew, may succeed. */
const PASSING = ['PRZECIAZENIE', 'NIEDOSTEPNY', 'LIMIT_PRZEKROCZONY'];

/** A fault of the gateway: decide by `kod`, never by the sentence. */
final class Refusal extends Exception
{
    /** @param string[] $details what was wrong and where, one line each */
    public function __construct(
        public readonly string $kod,
        string $sentence,
        public readonly array $details,
        public readonly string $event,
        public readonly bool $signed,
    ) {
        parent::__construct($sentence);
    }
}

final class SignedClient extends SoapClient
{
    public function __construct(string $wsdl, private X509Signature $signature, string $authority, int $version = SOAP_1_1)
    {
        ini_set('default_socket_timeout', '30');
        parent::__construct($wsdl, [
            'soap_version' => $version,
            'cache_wsdl' => WSDL_CACHE_NONE,
            'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
            'connection_timeout' => 10,
            'stream_context' => stream_context_create(['ssl' => ['cafile' => $authority]]),
        ]);
    }

    /** Called by SoapClient between writing a request and reading its reply: the place of the signing step. */
    public function __doRequest(string $request, string $location, string $action, int $version, bool $oneWay = false): ?string
    {
        $reply = parent::__doRequest($this->signature->sign($request), $location, $action, $version, $oneWay);
        return $reply === null ? null : $this->signature->verify($reply);
    }

    /**
     * Calls an operation: signed anew for each try, because a repeated signature is refused as a replay.
     *
     * @throws Refusal|NotTrusted|SoapFault
     */
    public function ask(string $operation, array $context, array $parameters = []): stdClass
    {
        // Chosen by the caller; a retry repeats it, so that one question has one effect.
        $context = ['idZadania' => uuid()] + $context;
        for ($try = 1; ; $try++) {
            try {
                $answer = $this->__soapCall($operation, [['kontekst' => $context] + $parameters]);
                self::checkEcho($answer->kontekst, $context);
                return $answer;
            } catch (SoapFault $fault) {
                $problem = $this->refusal($fault, $context) ?? $fault;
                // Without a refusal, "HTTP" says that no answer came.
                $passing = $problem instanceof Refusal ? in_array($problem->kod, PASSING, true) : $fault->faultcode === 'HTTP';
                if ($try === 3 || !$passing) {
                    throw $problem;
                }
                usleep(250_000 << $try);
            }
        }
    }

    /** @return array<string, string> the system's signature over a head of another unit's register, and its certificate */
    public function testimony(string $head): array
    {
        return ['podpis' => $this->signature->over($head), 'certyfikat' => $this->signature->certificate()];
    }

    /** The signature proves who answered; the echo proves that it is an answer to this question. */
    private static function checkEcho(stdClass $echo, array $sent): void
    {
        if ($echo->idZadania !== $sent['idZadania'] || $echo->jednostka !== $sent['jednostka']) {
            throw new NotTrusted('the reply answers another question');
        }
    }

    /** What the gateway says in the fault's detail; nothing when the fault is not the gateway's. */
    private function refusal(SoapFault $fault, array $sent): ?Refusal
    {
        $exception = $fault->detail->Wyjatek ?? null;
        if ($exception === null) {
            return null;
        }
        $signed = $this->signature->lastReplySigned;
        if ($signed) {
            self::checkEcho($exception, $sent);
        }
        // SOAP_SINGLE_ELEMENT_ARRAYS does not reach the detail of a fault.
        $violations = $exception->szczegoly ?? [];
        $details = array_map(
            fn (stdClass $one) => (isset($one->sciezka) ? "$one->sciezka: " : '') . $one->opis,
            is_array($violations) ? $violations : [$violations],
        );
        return new Refusal($exception->kod, $exception->komunikat, $details, $exception->idZdarzenia, $signed);
    }
}

function uuid(): string
{
    $bytes = random_bytes(16);
    $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
    $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
}
